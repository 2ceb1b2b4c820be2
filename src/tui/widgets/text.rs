//! Text in cells.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, or as much of it as fits with `…` at the end.
#[must_use]
pub fn fit(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_string();
    }
    let mut room = cells.saturating_sub(1);
    let mut out = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        out.push(c);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// The same for what ends with the name of a node, `orders-db-12`: only the part before its number is
/// cut, unless nothing would be left of that name.
#[must_use]
pub fn fit_start(name: &str, cells: usize) -> String {
    let number = name.rfind('-').filter(|i| name[i + 1..].bytes().all(|b| b.is_ascii_digit()));
    let begins = |i: usize| name[..i].rfind([' ', '|', '>', ',']).map_or(0, |at| at + 1);
    match number {
        Some(i) if name.width() > cells && begins(i) + 1 + name.len() - i < cells => {
            format!("{}{}", fit(&name[..i], cells - (name.len() - i)), &name[i..])
        }
        _ => fit(name, cells),
    }
}

/// Breaks a text into lines of at most that many cells, at spaces; a longer word is cut in pieces.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        // A number and its unit are joined by a space that is not plain, and stay together.
        for word in paragraph.split(' ').filter(|w| !w.is_empty()) {
            let mut word = word.to_string();
            if !line.is_empty() && line.width() + 1 + word.width() > cells {
                lines.push(std::mem::take(&mut line));
            }
            while word.width() > cells.max(1) {
                let head = head(&word, cells.max(1));
                word = word[head.len()..].to_string();
                lines.push(head);
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        lines.push(line);
    }
    lines
}

/// The longest beginning that fits, at least one character; up to a comma or an arrow if it has one, so
/// that no name of a list is broken.
fn head(word: &str, cells: usize) -> String {
    let head = longest(word, cells);
    match head.rfind([',', '|', '>']) {
        Some(at) if head.len() < word.len() => head[..=at].to_string(),
        _ => head,
    }
}

fn longest(word: &str, cells: usize) -> String {
    let mut room = cells;
    let mut out = String::new();
    for c in word.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > room && !out.is_empty() {
            break;
        }
        room = room.saturating_sub(wide);
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_broken_between_them() {
        let text = "cut orders-db-1,web-1|orders-db-2,web-3";
        let lines = wrap(text, 20);
        assert_eq!(lines, ["cut", "orders-db-1,web-1|", "orders-db-2,web-3"]);
        assert_eq!(wrap("abcdefgh", 4), ["abcd", "efgh"], "what has no place to break");
    }

    #[test]
    fn names_are_cut_at_their_end_and_numbers_stay() {
        assert_eq!(fit("orders", 6), "orders");
        assert_eq!(fit("orders", 4), "ord…");
        assert_eq!(fit("orders", 0), "");
        assert_eq!(fit_start("orders-db-12", 8), "orde…-12");
        assert_eq!(fit_start("orders-db-12", 12), "orders-db-12");
        assert_eq!(fit_start("orders-db", 5), "orde…");
        assert_eq!(fit_start("crash web-2", 10), "crash w…-2");
        assert_eq!(fit_start("crash web-2", 9), "crash we…", "of what?");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("a\n\nb", 3), ["a", "", "b"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("at 1\u{202f}500 now", 7), ["at", "1\u{202f}500", "now"]);
    }
}
