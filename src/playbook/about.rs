//! The text of a playbook that says what it teaches.

/// How the parts of such a text begin.
pub const HEADS: [&str; 2] = ["What it teaches:", "Try next:"];

/// The text in paragraphs. A file breaks lines where it likes: only what begins with one of
/// [`HEADS`], or follows an empty line, begins anew.
#[must_use]
pub fn paragraphs(about: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut anew = true;
    for line in about.lines().map(str::trim) {
        let begins = anew || HEADS.iter().any(|head| line.starts_with(head));
        anew = line.is_empty();
        match parts.last_mut() {
            _ if line.is_empty() => {}
            Some(part) if !begins => *part = format!("{part} {line}"),
            _ => parts.push(line.to_owned()),
        }
    }
    parts
}

/// The lesson alone, in one sentence: `the time until somebody notices is …`. Empty if it has none.
#[must_use]
pub fn lesson(about: &str) -> String {
    let lesson = paragraphs(about)
        .into_iter()
        .find_map(|p| Some(p.strip_prefix(HEADS[0])?.trim().to_owned()));
    let lesson = lesson.unwrap_or_default();
    let mut ends = lesson.match_indices(['.', '?', '!']).map(|(i, _)| i + 1);
    // A point inside a number ends nothing.
    let end = ends.find(|end| lesson[*end..].is_empty() || lesson[*end..].starts_with(' '));
    lesson[..end.unwrap_or(lesson.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_anew_where_its_parts_do() {
        let about = "What it teaches: 1.5 s is long\n  for a user. And more.\nTry next: three\nfour\n\nfive\n";
        let parts = paragraphs(about);
        let wanted = [
            "What it teaches: 1.5 s is long for a user. And more.",
            "Try next: three four",
            "five",
        ];
        assert_eq!(parts, wanted);
        assert_eq!(lesson(about), "1.5 s is long for a user.");
        assert_eq!((paragraphs(" \n").len(), lesson("Try next: x.")), (0, String::new()));
    }
}
