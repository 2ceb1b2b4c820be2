//! Rows: where each item of a layer stands.
//!
//! Every item wants to be level with what it is linked to; what does not fit is pushed apart so that
//! the sum of squared shifts is least (pooling of adjacent violators, Ayer et al., 1955).

/// What an item wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want {
    /// Its upper row, if it were alone.
    pub top: i32,
    /// How many rows it takes.
    pub height: i32,
    /// How much its wish counts.
    pub weight: i32,
}

/// Upper rows for items in order from the top, `gap` empty rows between them.
pub(super) fn stack(wants: &[Want], gap: i32) -> Vec<i32> {
    // Pools: (sum of weighted wishes, sum of weights, items).
    let mut pools: Vec<(i32, i32, usize)> = Vec::new();
    let mut before = 0;
    for want in wants {
        pools.push(((want.top - before) * want.weight, want.weight, 1));
        before += want.height + gap;
        while let [.., a, b] = pools[..] {
            if mean(a) <= mean(b) {
                break;
            }
            pools.truncate(pools.len() - 2);
            pools.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
    }
    let bases = pools.iter().flat_map(|p| std::iter::repeat_n(mean(*p), p.2));
    let mut before = 0;
    bases
        .zip(wants)
        .map(|(base, want)| {
            let top = base + before;
            before += want.height + gap;
            top
        })
        .collect()
}

/// The weighted mean of a pool, to the nearest row, halves downwards.
fn mean((sum, weights, _): (i32, i32, usize)) -> i32 {
    (2 * sum + weights).div_euclid(2 * weights)
}

/// Rows that a layer takes at least.
pub(super) fn least(heights: impl Iterator<Item = i32>, gap: i32) -> i32 {
    heights.map(|h| h + gap).sum::<i32>() - gap
}

/// Moves items that stand outside 0 to `rows`, and those in their way, inside.
pub(super) fn clamp(tops: &mut [i32], heights: &[i32], gap: i32, rows: i32) {
    let mut floor = 0;
    for (top, height) in tops.iter_mut().zip(heights) {
        *top = (*top).max(floor);
        floor = *top + height + gap;
    }
    let mut ceiling = rows;
    for (top, height) in tops.iter_mut().zip(heights).rev() {
        *top = (*top).min(ceiling - height);
        ceiling = *top - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(top: i32, height: i32) -> Want {
        Want { top, height, weight: 1 }
    }

    #[test]
    fn what_fits_stays_where_it_wants() {
        assert_eq!(stack(&[want(0, 2), want(5, 2)], 1), [0, 5]);
    }

    #[test]
    fn what_overlaps_is_pushed_apart_evenly() {
        assert_eq!(stack(&[want(4, 4), want(4, 4)], 0), [2, 6]);
        let heavy = Want { top: 2, height: 1, weight: 99 };
        assert_eq!(stack(&[want(-1, 4), heavy, want(2, 4)], 1), [-3, 2, 4]);
    }

    #[test]
    fn nothing_leaves_the_screen() {
        let mut tops = [-3, 2, 9];
        clamp(&mut tops, &[4, 1, 4], 0, 10);
        assert_eq!(tops, [0, 4, 6]);
    }
}
