//! The files of a changed lab, written before anything of the running lab is changed.

use std::fs;
use std::path::PathBuf;

use crate::store::{EtcView, Folder, Record, StoreError, failed};

/// A record and /etc files, written beside the current ones, so that a full or read-only file system fails before the
/// running lab is touched. They are removed when dropped.
#[derive(Debug)]
pub struct Staged {
    record: [PathBuf; 2],
    /// The folder of the new files, and the pairs of new and old files that differ.
    etc: PathBuf,
    files: Vec<[PathBuf; 2]>,
}

impl Folder {
    /// Writes a record and the nodes' /etc files beside the current ones.
    ///
    /// # Errors
    ///
    /// Errors of the file system; none of the new files is left then.
    pub fn stage(&self, record: &Record, views: &[EtcView]) -> Result<Staged, StoreError> {
        let [new, old] = [self.record().with_extension("new"), self.record()];
        let etc = self.path.join("etc.new");
        let mut staged = Staged {
            record: [new.clone(), old],
            etc: etc.clone(),
            files: Vec::new(),
        };
        fs::write(&new, self.written(record)?).map_err(|source| failed("write", &new, source))?;
        for view in views {
            let (new, old) = (etc.join(&view.folder), self.etc(&view.folder));
            let unlike = view.files.iter().filter(|(name, text)| {
                fs::read(old.join(name)).ok().as_deref() != Some(text.as_bytes())
            });
            for (name, text) in unlike {
                fs::create_dir_all(&new).map_err(|source| failed("make", &new, source))?;
                let path = new.join(name);
                staged.files.push([path.clone(), old.join(name)]);
                fs::write(&path, text).map_err(|source| failed("write", &path, source))?;
            }
        }
        Ok(staged)
    }
}

impl Staged {
    /// Replaces the current files by the new ones. A file in /etc keeps its inode if possible, so that running programs
    /// in a node see its new text.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn commit(self) -> Result<(), StoreError> {
        for [new, old] in &self.files {
            if let Some(folder) = old.parent() {
                fs::create_dir_all(folder).map_err(|source| failed("make", folder, source))?;
            }
            let copied = fs::copy(new, old).map(drop);
            copied
                .or_else(|_| fs::rename(new, old))
                .map_err(|source| failed("write", old, source))?;
        }
        let [new, old] = &self.record;
        fs::rename(new, old).map_err(|source| failed("write", old, source))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Files that cannot be removed are overwritten by the next change, and removed with the lab.
        let _ = fs::remove_file(&self.record[0]);
        let _ = fs::remove_dir_all(&self.etc);
    }
}
