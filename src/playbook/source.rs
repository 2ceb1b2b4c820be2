//! Where a cluster comes from: what a playbook names to get the same one again.

use crate::sim::spec::Cluster;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A cluster as its own file has it, without the changes of any `[set]`, and where that file is.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The cluster.
    pub cluster: Arc<Cluster>,
    place: Place,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// It is part of the binary, under that name.
    BuiltIn(&'static str),
    /// A file.
    File(PathBuf),
    /// It was read from standard input: nothing can name it.
    Input,
}

impl Source {
    pub(super) fn built_in(cluster: Arc<Cluster>, name: &'static str) -> Source {
        Source { cluster, place: Place::BuiltIn(name) }
    }

    pub(super) fn file(cluster: Arc<Cluster>, path: &Path) -> Source {
        Source { cluster, place: Place::File(path.to_path_buf()) }
    }

    pub(super) fn input(cluster: Arc<Cluster>) -> Source {
        Source { cluster, place: Place::Input }
    }

    /// What a playbook in that folder has to say in `cluster = "…"`; `None` if nothing can name it.
    /// A path is relative where the two have more in common than the root.
    #[must_use]
    pub fn named_in(&self, folder: &Path) -> Option<String> {
        match &self.place {
            Place::BuiltIn(name) => Some((*name).to_owned()),
            Place::File(path) => Some(from(folder, path).display().to_string()),
            Place::Input => None,
        }
    }
}

/// A path as seen from a folder.
fn from(folder: &Path, path: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (Ok(folder), Ok(path)) = (folder.canonicalize(), path.canonicalize()) else {
        return path.to_path_buf();
    };
    relative(&folder, &path).unwrap_or(path)
}

/// The same for absolute paths; `None` if they have only the root in common.
fn relative(folder: &Path, path: &Path) -> Option<PathBuf> {
    let common = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let named = |c: &Component<'_>| matches!(c, Component::Normal(_));
    if !folder.components().take(common).any(|c| named(&c)) {
        return None;
    }
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    Some(up.chain(path.components().skip(common)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_where_that_is_shorter() {
        let at = |folder, path| {
            relative(Path::new(folder), Path::new(path)).map(|p| p.display().to_string())
        };
        assert_eq!(at("/a/b", "/a/b/c.toml").as_deref(), Some("c.toml"));
        assert_eq!(at("/a/b", "/a/x/c.toml").as_deref(), Some("../x/c.toml"));
        assert_eq!(at("/a/b/d", "/a/c.toml").as_deref(), Some("../../c.toml"));
        assert_eq!(at("/a", "/b/c.toml"), None);
    }

    #[test]
    fn what_came_from_standard_input_has_no_name() {
        let (_, source) = crate::playbook::open_with_source("single-server").unwrap();
        assert_eq!(source.named_in(Path::new("")).as_deref(), Some("single-server"));
        assert_eq!(Source::input(source.cluster).named_in(Path::new("")), None);
    }
}
