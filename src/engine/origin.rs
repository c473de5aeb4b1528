//! The file that a lab was built from: how its lab remembers it, and whether it has changed.

use std::fs;
use std::path::{Path, absolute};

use crate::engine::catalogue::names;
use crate::engine::text;
use crate::yaml::Source;

/// The name under which a lab remembers its file: the absolute path of a file, so that it means the same file in every
/// folder, and otherwise the given name.
#[must_use]
pub fn lasting_name(source: &Source) -> String {
    let given = source.file.as_str();
    if !is_lasting_file(given) || names().any(|known| known == given) {
        return given.to_owned();
    }
    let path = absolute(given).ok();
    let path = path.and_then(|path| path.into_os_string().into_string().ok());
    path.unwrap_or_else(|| given.to_owned())
}

/// Whether a path is that of a regular file, and not of another one in every process, such as `/dev/stdin`.
fn is_lasting_file(path: &str) -> bool {
    let is_of_process = ["/dev/", "/proc/"].iter().any(|at| path.starts_with(at));
    !is_of_process && fs::metadata(path).is_ok_and(|data| data.is_file())
}

/// Whether the file that a lab was built from has another text now. False if the file is gone, or if the lab was not
/// built from a file.
#[must_use]
pub fn has_changed(source: &Source) -> bool {
    let is_file = Path::new(&source.file).is_absolute() && is_lasting_file(&source.file);
    is_file && text::read(&source.file).is_ok_and(|text| text != source.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(file: &str) -> Source {
        Source {
            file: file.to_owned(),
            text: "name: a\n".to_owned(),
        }
    }

    #[test]
    fn a_file_is_remembered_by_its_whole_path_and_others_by_their_names() {
        let whole = format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
        let here = std::env::current_dir().unwrap();
        if here.join("Cargo.toml").exists() {
            let path = here.join("Cargo.toml").display().to_string();
            assert_eq!(lasting_name(&source("Cargo.toml")), path);
        }
        for name in [whole.as_str(), "hub-spoke", "<stdin>", "/no/such.yaml"] {
            assert_eq!(lasting_name(&source(name)), name);
        }
    }

    #[test]
    fn only_a_file_that_is_there_with_another_text_has_changed() {
        let whole = format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
        assert!(has_changed(&source(&whole)));
        let same = Source {
            text: fs::read_to_string(&whole).unwrap(),
            ..source(&whole)
        };
        assert!(!has_changed(&same));
        for name in ["hub-spoke", "<stdin>", "/no/such.yaml", "/dev"] {
            assert!(!has_changed(&source(name)), "{name}");
        }
    }

    #[test]
    fn what_every_process_has_of_its_own_is_no_file_of_a_lab() {
        for path in ["/dev/stdin", "/proc/self/fd/0"] {
            assert_eq!(lasting_name(&source(path)), path);
            assert!(!has_changed(&source(path)), "{path}");
        }
    }
}
