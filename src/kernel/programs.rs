//! Finds the programs that a lab starts: nft, tcpdump, iperf3 and those that its user names.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders of system programs, which an ordinary user's `PATH` lacks on Debian.
const SYSTEM: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// The `PATH` of started programs: the user's, then the folders of system programs.
#[must_use]
pub fn path() -> OsString {
    path_with(env::var_os("PATH").unwrap_or_default())
}

/// A program's file.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    find_in(program, &path())
}

/// A program's file, or its name if there is none: starting it then returns the system's error.
#[must_use]
pub fn named(program: &str) -> OsString {
    find(program).map_or_else(|| program.into(), PathBuf::into_os_string)
}

/// The Debian package of a program that people run inside a node; `None` if this list does not have it.
#[must_use]
pub fn package_of(program: &str) -> Option<&'static str> {
    let mut packages = PACKAGES.iter();
    let (_, package) = packages.find(|(known, _)| *known == program)?;
    Some(package)
}

/// Programs for networks, each with its Debian package.
const PACKAGES: &[(&str, &str)] = &[
    ("arping", "iputils-arping"),
    ("bridge", "iproute2"),
    ("conntrack", "conntrack"),
    ("curl", "curl"),
    ("dig", "bind9-dnsutils"),
    ("ethtool", "ethtool"),
    ("fping", "fping"),
    ("host", "bind9-host"),
    ("hping3", "hping3"),
    ("ifconfig", "net-tools"),
    ("ip", "iproute2"),
    ("iperf", "iperf"),
    ("iperf3", "iperf3"),
    ("mtr", "mtr-tiny"),
    ("nc", "netcat-openbsd"),
    ("ncat", "ncat"),
    ("netstat", "net-tools"),
    ("nft", "nftables"),
    ("nmap", "nmap"),
    ("nping", "nmap"),
    ("nslookup", "bind9-dnsutils"),
    ("ping", "iputils-ping"),
    ("python3", "python3"),
    ("route", "net-tools"),
    ("socat", "socat"),
    ("ss", "iproute2"),
    ("ssh", "openssh-client"),
    ("tcpdump", "tcpdump"),
    ("tcptraceroute", "tcptraceroute"),
    ("telnet", "inetutils-telnet"),
    ("tracepath", "iputils-tracepath"),
    ("traceroute", "traceroute"),
    ("tshark", "tshark"),
    ("wg", "wireguard-tools"),
    ("wget", "wget"),
    ("whois", "whois"),
];

fn path_with(path: OsString) -> OsString {
    let mut folders: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    for folder in SYSTEM.map(Path::new) {
        if !folders.iter().any(|other| other == folder) {
            folders.push(folder.to_owned());
        }
    }
    // Joining fails only for a colon in a folder's name, and split folders have none.
    env::join_paths(folders).unwrap_or(path)
}

fn find_in(program: &str, path: &OsString) -> Option<PathBuf> {
    let files = env::split_paths(path).map(|folder| folder.join(program));
    files.into_iter().find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_system_programs_come_last_and_once() {
        for (path, with_system) in [
            (
                "/usr/bin:/bin",
                "/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            ),
            ("/sbin:/bin", "/sbin:/bin:/usr/local/sbin:/usr/sbin"),
            ("", "/usr/local/sbin:/usr/sbin:/sbin"),
        ] {
            assert_eq!(path_with(path.into()), *with_system, "{path}");
        }
    }

    #[test]
    fn a_programs_package_need_not_have_its_name() {
        assert_eq!(package_of("ping"), Some("iputils-ping"));
        assert_eq!(package_of("tcpdump"), Some("tcpdump"));
        assert_eq!(package_of("no-such-program"), None);
        let names: Vec<&str> = PACKAGES.iter().map(|(program, _)| *program).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn nft_is_found_where_debian_has_it() {
        assert!(find_in("nft", &path_with("/nowhere".into())).is_some());
        assert_eq!(find_in("nft", &"/nowhere".into()), None);
    }
}
