//! The program as a process, and folders for its files.

use crate::tidy::ROOT;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program with these arguments, in the folder of the project.
pub fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brownout"));
    command.args(args).current_dir(ROOT);
    command
}

/// The same, run to its end.
pub fn brownout(args: &[&str]) -> Output {
    program(args).output().expect("the program can be started")
}

/// What it has written.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it speaks UTF-8")
}

/// A folder of one test alone, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&path));
    fs::create_dir_all(&path).expect("a folder for the test");
    path
}
