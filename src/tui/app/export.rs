//! Asking for the name of a file, and what is written into it.

use super::fuzzy::request;
use crate::playbook::{Existing, write_whole};
use crate::session::picture::Picture;
use crate::sim::time::SECOND;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::path::{Path, PathBuf};
use tui_input::Input;

/// What can be written, by the ending of the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The screen as a picture.
    Svg,
    /// The characters of the screen.
    Text,
    /// What the run has shown so far, for programs.
    Json,
    /// The session as a playbook.
    Toml,
}

impl Form {
    /// All forms: the ending, and what it is.
    pub const ALL: [(Form, &'static str, &'static str); 4] = [
        (Form::Svg, "svg", "the screen as a picture"),
        (Form::Text, "txt", "the characters of the screen"),
        (Form::Json, "json", "a report of the run so far"),
        (Form::Toml, "toml", "this session as a playbook"),
    ];

    /// The ending of such a file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        Form::ALL[self as usize].1
    }

    /// What it is.
    #[must_use]
    pub fn about(self) -> &'static str {
        Form::ALL[self as usize].2
    }

    /// The form that the name of a file asks for.
    #[must_use]
    pub fn of(path: &Path) -> Option<Form> {
        let ending = path.extension()?.to_str()?;
        Form::ALL.iter().find(|(_, e, _)| *e == ending).map(|(form, ..)| *form)
    }
}

/// What is to be written where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// The file.
    pub path: PathBuf,
    /// What.
    pub form: Form,
    /// Whether a file of that name may be replaced: the person has been told that there is one.
    pub replace: bool,
}

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing that concerns others.
    Nothing,
    /// It is to be closed.
    Close,
    /// This is to be written.
    Save(Save),
}

/// The name of a file that is being typed.
#[derive(Clone, Debug)]
pub struct Export {
    input: Input,
    refused: Option<String>,
    /// The name of a file that is there: asked again, it is replaced.
    exists: Option<PathBuf>,
}

impl Export {
    /// Asks, and proposes a name.
    #[must_use]
    pub fn new(name: String) -> Export {
        Export { input: Input::new(name), refused: None, exists: None }
    }

    /// Asks again, after that file could not be written.
    #[must_use]
    pub fn again(save: &Save, why: &Unwritten) -> Export {
        let exists = matches!(why, Unwritten::Exists).then(|| save.path.clone());
        let name = save.path.display().to_string();
        Export { input: Input::new(name), refused: Some(why.to_string()), exists }
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }
    /// Cells before the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.visual_cursor()
    }
    /// What would be written, if the name says.
    #[must_use]
    pub fn form(&self) -> Option<Form> {
        Form::of(Path::new(self.text().trim()))
    }
    /// Why it was not written.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent) -> Asked {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Esc => Asked::Close,
            KeyCode::Enter => self.ask(),
            KeyCode::Up => self.next_form(false),
            KeyCode::Down | KeyCode::Tab => self.next_form(true),
            code => {
                if let Some(request) = request(code, ctrl) {
                    self.input.handle(request);
                    self.refused = None;
                }
                Asked::Nothing
            }
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) -> Asked {
        super::choice::insert(&mut self.input, text);
        Asked::Nothing
    }

    fn ask(&mut self) -> Asked {
        let path = PathBuf::from(self.text().trim());
        if let Some(form) = Form::of(&path) {
            let replace = self.exists.as_ref() == Some(&path);
            return Asked::Save(Save { path, form, replace });
        }
        self.refused = Some(expected(self.text().trim()));
        Asked::Nothing
    }

    /// The same name with the next ending.
    fn next_form(&mut self, down: bool) -> Asked {
        let n = Form::ALL.len();
        let now = self.form().and_then(|f| Form::ALL.iter().position(|(of, ..)| *of == f));
        let next = now.map_or(0, |i| (i + if down { 1 } else { n - 1 }) % n);
        let path = PathBuf::from(self.text().trim()).with_extension(Form::ALL[next].1);
        self.input = Input::new(path.display().to_string());
        self.refused = None;
        Asked::Nothing
    }
}

/// Why a file was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// There is one of that name.
    Exists,
    /// The operating system refused, or there is nothing to write.
    Failed(String),
}

/// What is said of a file that is there.
const EXISTS: &str = "there is a file of that name: enter again replaces it";

impl Unwritten {
    /// The reason of that text.
    #[must_use]
    pub fn of(text: String) -> Unwritten {
        if text == EXISTS { Unwritten::Exists } else { Unwritten::Failed(text) }
    }
}

impl std::fmt::Display for Unwritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unwritten::Exists => f.write_str(EXISTS),
            Unwritten::Failed(why) => f.write_str(why),
        }
    }
}

/// A name for a file about what a picture shows, without an ending: `food-delivery-42s`.
#[must_use]
pub fn proposed(picture: &Picture) -> String {
    format!("{}-{}s", picture.cluster, picture.now / SECOND)
}

/// What was expected instead of a name whose ending says nothing.
#[must_use]
pub fn expected(name: &str) -> String {
    let endings: Vec<String> = Form::ALL.iter().map(|(_, e, _)| format!("`.{e}`")).collect();
    format!("expected a file {}, found `{name}`", endings.join(", "))
}

impl Save {
    /// What becomes of a file that is there.
    #[must_use]
    pub fn existing(&self) -> Existing {
        if self.replace { Existing::Replace } else { Existing::Keep }
    }
}

/// Writes a file whole or not at all; one that is there only if it may be replaced.
///
/// # Errors
/// When there is such a file, or the operating system refuses.
pub fn write(save: &Save, text: &str) -> Result<(), Unwritten> {
    write_whole(&save.path, text.as_bytes(), save.existing()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Unwritten::Exists,
        _ => Unwritten::Failed(format!("not written: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(export: &mut Export, code: KeyCode) -> Asked {
        export.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[test]
    fn the_ending_says_what_is_written() {
        let mut export = Export::new("run.svg".into());
        assert_eq!(export.form(), Some(Form::Svg));
        press(&mut export, KeyCode::Down);
        assert_eq!((export.text(), export.form()), ("run.txt", Some(Form::Text)));
        press(&mut export, KeyCode::Backspace);
        assert_eq!(press(&mut export, KeyCode::Enter), Asked::Nothing);
        let said = "expected a file `.svg`, `.txt`, `.json`, `.toml`, found `run.tx`";
        assert_eq!(export.refused(), Some(said));
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked_again_for_the_same() {
        let path = PathBuf::from("run.svg");
        let save = Save { path, form: Form::Svg, replace: false };
        let mut first = Export::new("run.svg".into());
        assert_eq!(press(&mut first, KeyCode::Enter), Asked::Save(save.clone()));
        let mut again = Export::again(&save, &Unwritten::Exists);
        let replacing = Asked::Save(Save { replace: true, ..save.clone() });
        assert_eq!(press(&mut again, KeyCode::Enter), replacing);
        let mut other = Export::again(&save, &Unwritten::Exists);
        press(&mut other, KeyCode::Down);
        assert!(matches!(press(&mut other, KeyCode::Enter), Asked::Save(s) if !s.replace));
    }
    #[test]
    fn files_are_written_and_never_silently_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let save = Save { path: folder.path().join("run.txt"), form: Form::Text, replace: false };
        assert_eq!(write(&save, "one"), Ok(()));
        assert_eq!(write(&save, "two"), Err(Unwritten::Exists));
        assert_eq!(std::fs::read_to_string(&save.path).unwrap(), "one");
        assert_eq!(write(&Save { replace: true, ..save.clone() }, "two"), Ok(()));
        assert_eq!(std::fs::read_to_string(&save.path).unwrap(), "two");
        let nowhere = Save { path: folder.path().join("no").join("run.txt"), ..save };
        assert!(matches!(write(&nowhere, ""), Err(Unwritten::Failed(_))));
    }
}
