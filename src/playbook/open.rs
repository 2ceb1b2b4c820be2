//! Opening files and built-ins.

use super::problem::{Problems, located};
use super::reader::Reader;
use super::{Opened, Playbook, Source, builtin, cluster, script};
use crate::chaos::expected::nearest;
use crate::sim::spec::Cluster;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

/// Opens a built-in by its name, or else a file by its path; `-` is standard input. A file that is
/// called like a built-in is opened as `./name`.
///
/// # Errors
/// All that is wrong with the file, or with the cluster file that it names.
pub fn open(file: &str) -> Result<Opened, Problems> {
    open_with_source(file).map(|(opened, _)| opened)
}

/// The same with the place of its cluster, as that is needed for naming it in another playbook.
///
/// # Errors
/// As [`open`].
pub fn open_with_source(file: &str) -> Result<(Opened, Source), Problems> {
    if let Some(builtin) = builtin::find(file) {
        let whole = |cluster| Source::built_in(cluster, builtin.name);
        return read(builtin.name, builtin.text, None, &whole);
    }
    if file == "-" {
        let text = super::file::read_from(std::io::stdin())
            .map_err(|why| Problems::of_file(STDIN, why, None))?;
        return read(STDIN, &text, Some(Path::new("")), &Source::input);
    }
    let path = Path::new(file);
    let whole = |cluster| Source::file(cluster, path);
    read(file, &read_file(file, path)?, path.parent(), &whole)
}

/// How standard input is called in messages.
const STDIN: &str = "<stdin>";

fn read_file(name: &str, path: &Path) -> Result<String, Problems> {
    super::file::read(path).map_err(|why| {
        if let Some(why) = why {
            return Problems::of_file(name, why, None);
        }
        let near = nearest(name, builtin::names()).map(str::to_owned);
        let mean = near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
        let why = format!("no such file, and no built-in of that name{mean}");
        Problems::of_file(name, why, near)
    })
}

/// Reads the text of a file: a playbook if it names a cluster or has a title or steps, else a cluster.
/// Paths in it are relative to `folder`; without one only built-ins are found.
///
/// # Errors
/// As [`open`].
pub fn parse(file: &str, text: &str, folder: Option<&Path>) -> Result<Opened, Problems> {
    read(file, text, folder, &Source::input).map(|(opened, _)| opened)
}

/// The same with the place of the cluster: as `whole` says if the file is one itself.
fn read(
    file: &str,
    text: &str,
    folder: Option<&Path>,
    whole: &dyn Fn(Arc<Cluster>) -> Source,
) -> Result<(Opened, Source), Problems> {
    let mut reader = Reader::new(text);
    let Some(document) = reader.document() else {
        return Err(located(reader.wrong, file, text));
    };
    let table = document.get_ref();
    if !["cluster", "title", "step"].iter().any(|key| table.contains_key(*key)) {
        let cluster = cluster::read(&mut reader, table, text);
        if reader.wrong.is_empty() {
            let cluster = Arc::new(cluster);
            return Ok((Opened::Cluster(cluster.clone()), whole(cluster)));
        }
        return Err(located(reader.wrong, file, text));
    }
    let mut others = Vec::new();
    let found = RefCell::new(None);
    let find = |name: &str| {
        let source = find_cluster(name, folder)?;
        Ok(found.borrow_mut().insert(source).cluster.as_ref().clone())
    };
    let playbook = script::read(&mut reader, table, &find, &mut others);
    let opened = finish(playbook, reader, others, file, text)?;
    // Without a cluster there is no playbook.
    let source = found.take();
    let source = source.unwrap_or_else(|| whole(opened.cluster().clone()));
    Ok((opened, source))
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

fn find_cluster(name: &str, folder: Option<&Path>) -> Result<Source, Problems> {
    if let Some(builtin) = super::CLUSTERS.iter().find(|b| b.name == name) {
        let cluster = read_cluster(builtin.name, builtin.text)?;
        return Ok(Source::built_in(Arc::new(cluster), builtin.name));
    }
    let Some(folder) = folder else {
        let near = nearest(name, super::CLUSTERS.iter().map(|b| b.name)).map(str::to_owned);
        return Err(Problems::of_file(name, "no built-in of that name".to_owned(), near));
    };
    let path = folder.join(name);
    let text = read_file(name, &path)?;
    let cluster = read_cluster(&path.display().to_string(), &text)?;
    Ok(Source::file(Arc::new(cluster), &path))
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
