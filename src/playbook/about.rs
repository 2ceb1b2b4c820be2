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

/// Letters that a lesson has at least, if its text is so long: "A stampede." tells nothing.
const LESSON: usize = 50;

/// The lesson alone, in as few whole sentences as tell something: `The time until somebody notices is
/// …`. Empty if it has none.
#[must_use]
pub fn lesson(about: &str) -> String {
    let lesson =
        paragraphs(about).into_iter().find_map(|p| Some(sentence(p.strip_prefix(HEADS[0])?)));
    let lesson = lesson.unwrap_or_default();
    // A point inside a number ends nothing.
    let is_end = |end: &usize| lesson[*end..].is_empty() || lesson[*end..].starts_with(' ');
    let ends = lesson.match_indices(['.', '?', '!']).map(|(i, _)| i + 1).filter(is_end);
    let mut long = ends.filter(|end| lesson[..*end].chars().count() >= LESSON);
    lesson[..long.next().unwrap_or(lesson.len())].to_owned()
}

/// A text that followed a colon, as a sentence of its own.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
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
        assert_eq!(lesson(about), "1.5 s is long for a user. And more.");
        let long =
            format!("What it teaches: a stampede. {} and so on. And more.", "a word ".repeat(8));
        assert!(
            lesson(&long).starts_with("A stampede. a word") && lesson(&long).ends_with("so on.")
        );
        assert_eq!((paragraphs(" \n").len(), lesson("Try next: x.")), (0, String::new()));
    }
}
