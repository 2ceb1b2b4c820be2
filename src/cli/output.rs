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
    }
}
