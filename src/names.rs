//! Names of labs, nodes and interfaces, valid by construction.
//!
//! A name becomes a file under /run/netns, a folder under /etc/netns and an interface in the kernel, so its allowed
//! characters are defined here, once.

use std::fmt;
use std::sync::Arc;

/// The longest lab or node name, in bytes. Two of them and a dot are far below the 255 bytes of a file name.
const LONGEST_NAME: usize = 60;

/// The longest interface name that the kernel accepts, in bytes: `IFNAMSIZ` without the final zero.
const LONGEST_INTERFACE_NAME: usize = 15;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty.
    #[error("a name may not be empty")]
    Empty,
    /// It is too long for the file or the interface.
    #[error("a name may have at most {most} characters, this one has {len}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
        /// The allowed length in bytes.
        most: usize,
    },
    /// It does not start with a letter or digit.
    #[error("a name starts with a letter or a digit, not with `{0}`")]
    Start(char),
    /// It contains a character that is not safe in a path, a shell word or an interface name.
    #[error("a name consists of letters, digits, `-` and `_`, not `{0}`")]
    Character(char),
}

/// The name of a lab, the first half of each of its namespaces' names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabName(String);

/// The name of a node, unique in its lab.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

/// The name of a network interface, unique in its namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IfName(Arc<str>);

impl LabName {
    /// Parses a lab's name.
    ///
    /// # Errors
    ///
    /// [`NameError`], for anything but 1 to 60 letters, digits, `-` and `_`, the first a letter or digit.
    pub fn new(text: &str) -> Result<Self, NameError> {
        checked(text, LONGEST_NAME).map(Self)
    }
}

impl NodeName {
    /// Parses a node's name.
    ///
    /// # Errors
    ///
    /// [`NameError`], for anything but 1 to 60 letters, digits, `-` and `_`, the first a letter or digit.
    pub fn new(text: &str) -> Result<Self, NameError> {
        checked(text, LONGEST_NAME).map(|name| Self(name.into()))
    }

    /// A name like a text that is none, for findings about the rest of what it names.
    #[must_use]
    pub fn in_place_of(text: &str) -> Self {
        const START: &str = "unreadable";
        let like = text.chars().map(|c| match c {
            c if is_safe(c) => c,
            _ => '_',
        });
        let like = like.take(LONGEST_NAME - START.len());
        Self(START.chars().chain(like).collect::<String>().into())
    }
}

impl IfName {
    /// Parses an interface's name.
    ///
    /// # Errors
    ///
    /// [`NameError`], for anything but 1 to 15 letters, digits, `-` and `_`, the first a letter or digit.
    pub fn new(text: &str) -> Result<Self, NameError> {
        checked(text, LONGEST_INTERFACE_NAME).map(|name| Self(name.into()))
    }

    /// The name of every namespace's loopback interface.
    #[must_use]
    pub fn loopback() -> Self {
        Self("lo".into())
    }

    /// The interface name nearest to `wanted` that is not in `taken`.
    ///
    /// A name that is too long or taken is cut and numbered: `a-very-long-rou~2` would not be valid here, so the number
    /// follows a dash.
    pub fn near(wanted: &str, taken: impl Fn(&Self) -> bool) -> Self {
        let cut = |room: usize| wanted.chars().take(room).collect::<String>();
        let mut name = Self(cut(LONGEST_INTERFACE_NAME).into());
        let mut number = 1_u32;
        while number == 1 && wanted.len() > LONGEST_INTERFACE_NAME || taken(&name) {
            number += 1;
            let ending = format!("-{number}");
            let stem = cut(LONGEST_INTERFACE_NAME - ending.len());
            name = Self(format!("{stem}{ending}").into());
        }
        name
    }
}

/// Whether a character is safe in a path, a shell word and an interface name.
fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn checked(text: &str, most: usize) -> Result<String, NameError> {
    let Some(first) = text.chars().next() else {
        return Err(NameError::Empty);
    };
    if let Some(wrong) = text.chars().find(|c| !is_safe(*c)) {
        return Err(NameError::Character(wrong));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameError::Start(first));
    }
    if text.len() > most {
        return Err(NameError::TooLong {
            len: text.len(),
            most,
        });
    }
    Ok(text.to_owned())
}

macro_rules! shown_as_text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

shown_as_text!(LabName, NodeName, IfName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder_or_look_like_an_option() {
        for (text, why) in [
            ("", NameError::Empty),
            ("../x", NameError::Character('.')),
            ("a/b", NameError::Character('/')),
            ("a\0", NameError::Character('\0')),
            ("-rf", NameError::Start('-')),
            ("a.b", NameError::Character('.')),
        ] {
            assert_eq!(NodeName::new(text), Err(why.clone()), "{text:?}");
            assert_eq!(LabName::new(text), Err(why), "{text:?}");
        }
        assert!(matches!(
            NodeName::new(&"x".repeat(300)),
            Err(NameError::TooLong { len: 300, .. })
        ));
        assert_eq!(NodeName::new("hub-vm").unwrap().as_str(), "hub-vm");
    }

    #[test]
    fn an_interface_name_is_cut_and_numbered_when_it_is_too_long_or_taken() {
        let taken = [IfName::new("hub").unwrap()];
        let near = |wanted| IfName::near(wanted, |name| taken.contains(name)).to_string();
        assert_eq!(near("loc1-ce1"), "loc1-ce1");
        assert_eq!(near("hub"), "hub-2");
        assert_eq!(near("a-name-of-twenty-one-"), "a-name-of-twe-2");
    }
}
