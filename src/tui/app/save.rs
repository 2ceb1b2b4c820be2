//! Writing files: what `save` in the palette asks for, and what became of it.

use super::export::{self, Form, Save, Unwritten};
use super::{App, Effect, Export, Overlay};
use crate::tui::feed::{Order, Suggestion};
use std::path::{Path, PathBuf};

/// The word of the palette that writes a file. It is no command, for it changes nothing in the world.
const WORD: &str = "save";

/// The name of the file, if a text is about saving; empty where none is typed yet.
#[must_use]
pub fn named(text: &str) -> Option<&str> {
    let rest = text.trim().strip_prefix(WORD)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

/// What is written under that name: its ending says.
///
/// # Errors
/// What was expected, if nothing has that ending.
pub fn asked(name: &str) -> Result<Save, String> {
    let path = PathBuf::from(name);
    let form = Form::of(&path).ok_or_else(|| export::expected(name))?;
    Ok(Save { path, form, replace: false })
}

/// What could stand at the end of a text that may become one about saving.
#[must_use]
pub fn suggestion(text: &str, proposed: &str) -> Option<Suggestion> {
    let name = match named(text) {
        Some(name) if Form::of(&PathBuf::from(name)).is_some() => name.to_string(),
        Some(name) if !name.is_empty() => format!("{name}.{}", Form::Toml.ending()),
        None if !WORD.starts_with(text.trim()) => return None,
        Some(_) | None => format!("{proposed}.{}", Form::Toml.ending()),
    };
    let about = Form::of(&PathBuf::from(&name)).map_or("", Form::about);
    Some(Suggestion { text: format!("{WORD} {name}"), about: format!("write {about}") })
}

impl App {
    /// Writes what was asked for in the palette, which stays open if that cannot be.
    pub(super) fn save_as(&mut self, name: &str) -> Effect {
        match asked(name) {
            Ok(save) => {
                self.overlay = Overlay::None;
                Effect::Save(save)
            }
            Err(expected) => {
                if let Overlay::Palette(palette) = &mut self.overlay {
                    palette.answered(Some(expected));
                }
                Effect::None
            }
        }
    }

    /// The order to write what only the driver knows.
    pub fn order_save(&mut self, save: Save) -> Order {
        self.serial += 1;
        self.asked.sent += 1;
        self.saving = Some((self.serial, save.clone()));
        Order::Save { serial: self.serial, save }
    }

    /// A file was written, or not: then its name is asked for again.
    pub fn saved(&mut self, save: &Save, done: Result<(), Unwritten>) {
        match done {
            Ok(()) => self.say(format!("written to {}", whole(&save.path).display())),
            Err(why) => self.overlay = Overlay::Export(Box::new(Export::again(save, &why))),
        }
    }
}

/// The path with the folder that it is in, where that can be known.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_with_its_folder() {
        let told = whole(Path::new("shop-4s.svg"));
        assert!(told.is_absolute() && told.ends_with("shop-4s.svg"), "{}", told.display());
    }

    #[test]
    fn only_the_word_itself_is_about_saving() {
        assert_eq!(named("save"), Some(""));
        assert_eq!(named(" save  x y.toml "), Some("x y.toml"));
        assert_eq!((named("saved x"), named("crash web-2"), named("")), (None, None, None));
    }

    #[test]
    fn a_name_is_completed_to_a_playbook() {
        let text = |typed| suggestion(typed, "shop-4s").map(|s| s.text);
        for typed in ["", "s", "save", "save "] {
            assert_eq!(text(typed).as_deref(), Some("save shop-4s.toml"), "`{typed}`");
        }
        assert_eq!(text("save x").as_deref(), Some("save x.toml"));
        assert_eq!(text("save x.json").as_deref(), Some("save x.json"));
        assert_eq!((text("crash"), text("saved")), (None, None));
    }

    #[test]
    fn an_ending_that_nothing_has_is_refused() {
        assert_eq!(asked("x.toml").map(|save| save.form), Ok(Form::Toml));
        assert!(asked("x.doc").is_err_and(|why| why.contains("`.toml`") && why.contains("x.doc")));
    }
}
