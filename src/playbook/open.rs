//! Opening files and built-ins.

use super::problem::{Problems, located};
use super::reader::Reader;
use super::{Opened, Playbook, builtin, cluster, script};
use crate::chaos::expected::nearest;
use crate::sim::spec::Cluster;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The largest file that is read: 16 MB.
const SIZE_MAX: u64 = 16 << 20;

/// Opens a built-in by its name, or else a file by its path. A file that is called like a built-in is
/// opened as `./name`.
///
/// # Errors
/// All that is wrong with the file, or with the cluster file that it names.
pub fn open(file: &str) -> Result<Opened, Problems> {
    if let Some(builtin) = builtin::find(file) {
        return parse(builtin.name, builtin.text, None);
    }
    let path = Path::new(file);
    parse(file, &read_file(file, path)?, path.parent())
}

fn read_file(name: &str, path: &Path) -> Result<String, Problems> {
    let unreadable = |why: String, nearest| Err(Problems::of_file(name, why, nearest));
    match std::fs::metadata(path) {
        Ok(data) if data.is_dir() => return unreadable("this is a folder".to_owned(), None),
        _ => {}
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SIZE_MAX + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > SIZE_MAX => {
            unreadable("the file is larger than 16 MB".to_owned(), None)
        }
        Ok(_) => match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) => unreadable("the file is not text in UTF-8".to_owned(), None),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let near = nearest(name, builtin::names()).map(str::to_owned);
            let mean = near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
            unreadable(format!("no such file, and no built-in of that name{mean}"), near)
        }
        Err(error) => unreadable(error.to_string(), None),
    }
}

/// Reads the text of a file: a playbook if it names a cluster or has a title or steps, else a cluster.
/// Paths in it are relative to `folder`; without one only built-ins are found.
///
/// # Errors
/// As [`open`].
pub fn parse(file: &str, text: &str, folder: Option<&Path>) -> Result<Opened, Problems> {
    let mut reader = Reader::new(text);
    let Some(document) = reader.document() else {
        return Err(located(reader.wrong, file, text));
    };
    let table = document.get_ref();
    if !["cluster", "title", "step"].iter().any(|key| table.contains_key(*key)) {
        let cluster = cluster::read(&mut reader, table, text);
        if reader.wrong.is_empty() {
            return Ok(Opened::Cluster(Arc::new(cluster)));
        }
        return Err(located(reader.wrong, file, text));
    }
    let mut others = Vec::new();
    let find = |name: &str| find_cluster(name, folder);
    let playbook = script::read(&mut reader, table, &find, &mut others);
    finish(playbook, reader, others, file, text)
}

fn finish(
    playbook: Option<Playbook>,
    reader: Reader<'_>,
    others: Vec<Problems>,
    file: &str,
    text: &str,
) -> Result<Opened, Problems> {
    match playbook {
        Some(playbook) if reader.wrong.is_empty() && others.is_empty() => {
            Ok(Opened::Playbook(Box::new(playbook)))
        }
        _ => {
            let mut all = located(reader.wrong, file, text);
            all.0.extend(others.into_iter().flat_map(|p| p.0));
            Err(all)
        }
    }
}

fn find_cluster(name: &str, folder: Option<&Path>) -> Result<Cluster, Problems> {
    if let Some(builtin) = super::CLUSTERS.iter().find(|b| b.name == name) {
        return read_cluster(builtin.name, builtin.text);
    }
    let Some(folder) = folder else {
        let near = nearest(name, super::CLUSTERS.iter().map(|b| b.name)).map(str::to_owned);
        return Err(Problems::of_file(name, "no built-in of that name".to_owned(), near));
    };
    let path = folder.join(name);
    let text = read_file(name, &path)?;
    read_cluster(&path.display().to_string(), &text)
}

fn read_cluster(file: &str, text: &str) -> Result<Cluster, Problems> {
    let mut reader = Reader::new(text);
    let document = reader.document();
    let cluster = document.map(|document| cluster::read(&mut reader, document.get_ref(), text));
    match cluster {
        Some(cluster) if reader.wrong.is_empty() => Ok(cluster),
        _ => Err(located(reader.wrong, file, text)),
    }
}
