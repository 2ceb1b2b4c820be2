use super::*;

/// Every cell belongs to at most one part, and no part leaves the screen.
#[test]
fn parts_never_overlap() {
    for (width, height) in [
        (200, 60),
        (180, 52),
        (120, 40),
        (118, 36),
        (80, 23),
        (78, 20),
        (60, 18),
        (40, 8),
        (20, 5),
        (300, 90),
        (1, 1),
        (0, 0),
    ] {
        for focus in Panel::ALL {
            for flags in 0..8 {
                let [alone, presenter, playbook] = [1, 2, 4].map(|bit| flags & bit != 0);
                let screen = Rect::new(0, 0, width, height);
                let areas = split(screen, Shown { focus, alone, presenter, playbook });
                let mut parts = vec![areas.status, areas.vitals, areas.tabs, areas.nodes];
                parts.extend([areas.goodput, areas.footer, areas.heat, areas.time, areas.pools]);
                parts.extend([areas.playbook, areas.caption, areas.figures]);
                parts.extend(areas.panels);
                parts.retain(|p| !p.is_empty());
                for (i, a) in parts.iter().enumerate() {
                    assert_eq!(a.intersection(screen), *a);
                    for b in &parts[i + 1..] {
                        assert!(!a.intersects(*b), "{width}x{height} {focus:?}: {a:?} {b:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_designed_sizes_have_the_designed_parts() {
    let normal = split(Rect::new(0, 0, 120, 40), Shown::default());
    assert_eq!(normal.of(Panel::Cluster), Rect::new(0, 4, 120, 15));
    assert_eq!(normal.of(Panel::Chart), Rect::new(0, 19, 74, 12));
    assert_eq!(normal.of(Panel::Events), Rect::new(0, 31, 74, 7));
    assert_eq!(normal.of(Panel::Why), Rect::new(74, 19, 46, 8));
    assert_eq!(normal.of(Panel::Faults), Rect::new(74, 27, 46, 5));
    assert_eq!(normal.of(Panel::Truth), Rect::new(74, 32, 46, 6));
    let compact = split(Rect::new(0, 0, 80, 23), Shown::default());
    assert_eq!(compact.of(Panel::Cluster).height, 8);
    assert_eq!(compact.of(Panel::Chart).height, 7);
    assert_eq!(compact.of(Panel::Why).height, 3);
    assert_eq!(compact.of(Panel::Faults).height, 2);
    for hidden in [Panel::Events, Panel::Truth] {
        assert!(compact.of(hidden).is_empty());
        let shown = split(Rect::new(0, 0, 80, 23), Shown { focus: hidden, ..Shown::default() });
        assert_eq!(shown.of(hidden), compact.of(Panel::Chart));
        assert!(shown.of(Panel::Chart).is_empty());
    }
}

#[test]
fn the_wide_screen_has_everything_and_its_charts_share_their_columns() {
    for playbook in [false, true] {
        for (width, height) in [(180, 52), (200, 60), (213, 57), (300, 90)] {
            let shown = Shown { playbook, ..Shown::default() };
            let areas = split(Rect::new(0, 0, width, height), shown);
            assert!(Panel::ALL.iter().all(|p| areas.of(*p).height >= 6), "{width}x{height}");
            assert_eq!(areas.heat.width, areas.of(Panel::Chart).width);
            assert!([areas.heat, areas.time, areas.pools].iter().all(|a| a.height >= 10));
            assert_eq!(areas.playbook.is_empty(), !playbook);
        }
    }
}

#[test]
fn a_presenter_has_a_caption_figures_a_picture_and_mostly_a_chart() {
    for (width, height) in [(80, 23), (100, 30), (120, 40), (200, 60)] {
        let shown = Shown { presenter: true, ..Shown::default() };
        let areas = split(Rect::new(0, 0, width, height), shown);
        assert_eq!(areas.form, Form::Presenter);
        assert!(areas.caption.height >= 4 && areas.figures.height >= 6);
        assert!(areas.of(Panel::Cluster).height >= 8, "{width}x{height}");
        assert!(areas.of(Panel::Chart).height >= 3 || height < 24, "{width}x{height}");
    }
}
