//! Files: read with a limit, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The largest file that is read: 16 MB.
const SIZE_MAX: u64 = 16 << 20;

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// It stays, and nothing is written.
    Keep,
}

/// Writes a file whole or not at all: beside the wanted one, which is then replaced, so that readers
/// see the old or the new one and never a part.
///
/// A link is followed. What is there and no regular file (a pipe, a device) is written to as it is.
///
/// # Errors
/// When the operating system refuses, or a file is there that is to be kept (`AlreadyExists`).
pub fn write_whole(path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(path).ok();
    if old.is_some() && existing == Existing::Keep {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        // To replace it would need no right to write into it, but that is what its owner meant.
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    let beside = beside(path)?;
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| old.map_or(Ok(()), |old| fs::set_permissions(&beside, old.permissions())))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a file"));
    };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(hidden))
}

/// Reads text in UTF-8 of at most [`SIZE_MAX`] bytes.
///
/// # Errors
/// What is wrong with it, as a sentence without its end; `None` if there is no such file.
pub(super) fn read(path: &Path) -> Result<String, Option<String>> {
    if fs::metadata(path).is_ok_and(|data| data.is_dir()) {
        return Err(Some("this is a folder".to_owned()));
    }
    match File::open(path) {
        Ok(file) => read_from(file).map_err(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(None),
        Err(error) => Err(Some(error.to_string())),
    }
}

/// The same from anything that can be read.
pub(super) fn read_from(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    match from.take(SIZE_MAX + 1).read_to_end(&mut bytes) {
        Ok(length) if length as u64 > SIZE_MAX => Err("the file is larger than 16 MB".to_owned()),
        Ok(_) => String::from_utf8(bytes).map_err(|_| "the file is not text in UTF-8".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let path = folder.join("report.json");
        let write = |path: &Path, text: &str| write_whole(path, text.as_bytes(), Existing::Replace);
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(read(&path), Ok("new".to_owned()));
        let kept = write_whole(&path, b"newer", Existing::Keep).unwrap_err();
        assert_eq!(kept.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(read(&path), Ok("new".to_owned()));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
        #[cfg(unix)]
        {
            let link = folder.join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            write(&link, "through the link").unwrap();
            assert_eq!(read(&path), Ok("through the link".to_owned()));
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            fs::remove_file(&link).unwrap();
            write(Path::new("/dev/null"), "x").unwrap();
            assert!(!fs::metadata("/dev/null").unwrap().is_file());
        }
        assert!(write(&folder.join("missing").join("report.json"), "x").is_err());
        let sealed = folder.join("sealed");
        write(&sealed, "old").unwrap();
        let open = fs::metadata(&sealed).unwrap().permissions();
        let mut shut = open.clone();
        shut.set_readonly(true);
        fs::set_permissions(&sealed, shut).unwrap();
        let refused = write(&sealed, "new").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(read(&sealed), Ok("old".to_owned()));
        fs::set_permissions(&sealed, open).unwrap();
        fs::remove_file(&sealed).unwrap();
        assert_eq!(read(&folder.join("missing")), Err(None));
        // A folder of that name cannot be replaced, and the part beside it is removed.
        fs::create_dir(folder.join("taken")).unwrap();
        assert!(write(&folder.join("taken"), "x").is_err());
        assert_eq!(read(&folder.join("taken")), Err(Some("this is a folder".to_owned())));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 2);
    }
}
