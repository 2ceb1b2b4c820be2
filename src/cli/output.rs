//! Writing results: to stdout, or to a file that is there whole or not at all.

use super::Failure;
use crate::playbook::{Existing, write_whole};
use std::io::{self, Write};
use std::path::Path;

/// Writes a result to the file, or to stdout without one; `-` is stdout too.
pub(super) fn write(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(path) = path.filter(|path| !is_stdout(path)) else {
        let mut out = io::stdout().lock();
        return match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // The reader has had enough: `brownout … | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::new(format!("cannot write to stdout: {error}"))),
            Ok(()) => Ok(()),
        };
    };
    write_whole(path, text.as_bytes(), Existing::Replace)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

/// Finds out before a long run that its result could not be written for want of a folder, or as there
/// is a folder of that name.
pub(super) fn expect_folder(path: &Path) -> Result<(), Failure> {
    let wrong = |why: &str| Err(Failure::new(format!("cannot write {}: {why}", path.display())));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.is_dir() {
        wrong("this is a folder")
    } else if folder.is_some_and(|folder| !folder.is_dir()) {
        wrong("there is no such folder")
    } else {
        Ok(())
    }
}

/// Says something on stderr. There is nobody to tell if that fails.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether that stands for stdout.
pub(super) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_says_where() {
        let missing = std::env::temp_dir().join("brownout-no-such-folder").join("report.json");
        let failure = write(Some(&missing), "x").unwrap_err();
        assert!(failure.message.starts_with("cannot write "), "{}", failure.message);
        assert!(failure.message.contains("report.json"));
        let early = expect_folder(&missing).unwrap_err();
        assert!(early.message.ends_with("there is no such folder"), "{}", early.message);
        assert!(expect_folder(&std::env::temp_dir()).is_err());
        assert_eq!(expect_folder(Path::new("report.json")), Ok(()));
        assert_eq!(expect_folder(Path::new("-")), Ok(()));
    }
}
