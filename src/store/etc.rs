//! The /etc files of a lab's namespaces.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use crate::names::LabName;
use crate::store::sweep::{MADE_ETC_NETNS, mark};
use crate::store::{Folder, ROOT, StoreError, failed, root};

/// The directory of `ip netns exec` for a namespace's /etc files.
pub(super) const ETC_NETNS: &str = "/etc/netns";

/// The /etc files of some of a lab's namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EtcView {
    /// The name of their folder in the lab's.
    pub folder: String,
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// The files, by name.
    pub files: Vec<(&'static str, String)>,
}

impl Folder {
    /// The labs that a restart of the machine has removed, except for their links in /etc/netns: /run is empty then.
    #[must_use]
    pub fn lost() -> Vec<Self> {
        let (root, booted) = (root(), boot_time());
        if root != Path::new(ROOT) {
            return Vec::new();
        }
        let entries = fs::read_dir(ETC_NETNS).into_iter().flatten().flatten();
        let old = entries.filter(|entry| {
            let data = entry.metadata();
            data.is_ok_and(|data| booted.is_some_and(|booted| data.mtime() < booted))
        });
        let labs = old.filter_map(|entry| lab_of(&fs::read_link(entry.path()).ok()?, &root));
        let labs: BTreeSet<LabName> = labs.collect();
        let folders = labs.iter().map(Self::of);
        folders.filter(|folder| !folder.path.exists()).collect()
    }

    /// The path of a folder of /etc files.
    #[must_use]
    pub fn etc(&self, folder: &str) -> PathBuf {
        self.path.join(folder)
    }

    /// The lab's own folder, which holds all files that its nodes see in /etc.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.path
    }

    /// Gives namespaces their /etc files: one folder for all with the same files.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn give_etc(&self, views: &[EtcView]) -> Result<(), StoreError> {
        for view in views {
            let etc = self.etc(&view.folder);
            fs::create_dir_all(&etc).map_err(|source| failed("make", &etc, source))?;
            for (name, text) in &view.files {
                let path = etc.join(name);
                fs::write(&path, text).map_err(|source| failed("write", &path, source))?;
            }
            self.link_etc(&view.folder, &view.namespaces)?;
        }
        Ok(())
    }

    /// Gives namespaces other /etc files of the lab, if they do not have them yet.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn relink_etc(&self, views: &[EtcView]) -> Result<(), StoreError> {
        if self.is_in_user_namespace() {
            return Ok(());
        }
        let all = views.iter().flat_map(|view| {
            let namespaces = view.namespaces.iter();
            namespaces.map(|namespace| (view.folder.as_str(), namespace))
        });
        for (folder, namespace) in all {
            let seen = fs::read_link(Path::new(ETC_NETNS).join(namespace));
            if seen.is_ok_and(|seen| seen != self.etc(folder)) {
                self.take_etc(namespace)?;
                self.link_etc(folder, std::slice::from_ref(namespace))?;
            }
        }
        Ok(())
    }

    /// Gives namespaces /etc files of the lab.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn link_etc(&self, folder: &str, namespaces: &[String]) -> Result<(), StoreError> {
        if self.is_in_user_namespace() || namespaces.is_empty() {
            return Ok(());
        }
        let etc = self.etc(folder);
        if !Path::new(ETC_NETNS).exists() {
            mark(MADE_ETC_NETNS)?;
            fs::create_dir_all(ETC_NETNS)
                .map_err(|source| failed("make", Path::new(ETC_NETNS), source))?;
        }
        let mut links = namespaces
            .iter()
            .map(|namespace| Path::new(ETC_NETNS).join(namespace));
        let Some(first) = links.next() else {
            return Ok(());
        };
        symlink(&etc, &first).map_err(|source| failed("link", &first, source))?;
        // One symbolic link with many names: allocating a thousand on a disk takes longer than everything else in a
        // lab.
        for link in links {
            fs::hard_link(&first, &link)
                .or_else(|_| symlink(&etc, &link))
                .map_err(|source| failed("link", &link, source))?;
        }
        Ok(())
    }

    /// Removes a namespace's /etc files, if they are the lab's.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn take_etc(&self, namespace: &str) -> Result<(), StoreError> {
        let link = Path::new(ETC_NETNS).join(namespace);
        if self.etc_links().contains(&link) {
            fs::remove_file(&link).map_err(|source| failed("remove", &link, source))?;
        }
        Ok(())
    }

    /// Removes the /etc files of all the lab's namespaces.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub fn take_all_etc(&self) -> Result<(), StoreError> {
        for link in self.etc_links() {
            fs::remove_file(&link).map_err(|source| failed("remove", &link, source))?;
        }
        Ok(())
    }

    /// Whether the lab's namespaces have /etc files.
    #[must_use]
    pub fn gives_etc(&self) -> bool {
        !self.etc_links().is_empty()
    }

    /// The lab's links in /etc/netns; entries that a user created are left alone.
    fn etc_links(&self) -> Vec<PathBuf> {
        let prefix = format!("{}.", self.lab);
        let entries = (!self.is_in_user_namespace()).then(|| fs::read_dir(ETC_NETNS));
        let entries = entries.into_iter().flatten().flatten().flatten();
        let own = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        let mut links: Vec<PathBuf> = own
            .map(|entry| entry.path())
            .filter(|path| fs::read_link(path).is_ok_and(|files| files.starts_with(&self.path)))
            .collect();
        links.sort();
        links
    }
}

/// The lab whose files are at a path.
fn lab_of(files: &Path, root: &Path) -> Option<LabName> {
    let below = files.strip_prefix(root).ok()?;
    let first = below.components().next()?;
    LabName::new(first.as_os_str().to_str()?).ok()
}

/// When the machine was started, in seconds since 1970.
fn boot_time() -> Option<i64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let mut lines = stat.lines();
    lines.find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}
