//! Limits what a lab's supervisor can do after its start.
//!
//! It runs while the lab is up, beside users' programs in the lab, and reads what they send. So it keeps only the
//! rights needed to change labs, can gain no others, and cannot reach parts of the kernel that no lab needs. Threads
//! that only read and write packets keep no rights.

use std::fs;
use std::io;

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, remove_capability_from_bounding_set,
    set_capabilities, set_no_new_privs,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// The capabilities to change a lab: for namespaces and mounts, interfaces and routes, sockets for probes, the
/// real-time priority of wires, and the end of other users' programs in removed nodes.
const FOR_CHANGES: CapabilitySet = CapabilitySet::SYS_ADMIN
    .union(CapabilitySet::NET_ADMIN)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SYS_NICE)
    .union(CapabilitySet::SYS_PTRACE)
    .union(CapabilitySet::KILL);

/// The additional capability to build a large lab: for higher limits.
const FOR_ROOM: CapabilitySet = CapabilitySet::SYS_RESOURCE;

/// System calls that no lab needs, but that would help an attacker to leave this process: loading code into the kernel,
/// inspecting other processes, the machine's clock, keys and swap, and interfaces with many past vulnerabilities.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
];

/// Confines the calling process, which must have one thread, and all of its children, for good.
///
/// # Errors
///
/// Errors of the kernel. It is no error if the process lacks a capability, or the machine does not support a filter.
pub fn confine() -> io::Result<()> {
    set_no_new_privs(true)?;
    keep_out_of_dumps()?;
    let kept = FOR_CHANGES.union(FOR_ROOM);
    // Fails without `CAP_SETPCAP`; `no_new_privs` prevents new capabilities in any case.
    for capability in CapabilitySet::all().difference(kept).iter() {
        let _ = remove_capability_from_bounding_set(capability);
    }
    keep(kept)?;
    refuse(REFUSED)
}

/// Keeps the process's memory out of core dumps: it holds the private keys of tunnels, which are never written to a
/// file. The limit keeps the kernel from writing a file, but not from piping a dump to a program, which `core_pattern`
/// may request: so the memory is excluded from dumps too.
fn keep_out_of_dumps() -> io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    match fs::write("/proc/self/coredump_filter", "0") {
        // This kernel makes no dumps.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Gives up the capability that only building needs. Processes already started keep it.
///
/// # Errors
///
/// Errors of the kernel.
pub fn settle() -> io::Result<()> {
    keep(FOR_CHANGES)
}

/// Gives up every capability of the calling thread, which can then only use what is already open.
///
/// # Errors
///
/// Errors of the kernel.
pub fn give_up() -> io::Result<()> {
    keep(CapabilitySet::empty())
}

fn keep(kept: CapabilitySet) -> io::Result<()> {
    let has = capabilities(None)?;
    let kept = CapabilitySets {
        effective: has.effective.intersection(kept),
        permitted: has.permitted.intersection(kept),
        inheritable: CapabilitySet::empty(),
    };
    Ok(set_capabilities(None, kept)?)
}

/// Makes the kernel deny system calls, with a permission error.
fn refuse(calls: &[libc::c_long]) -> io::Result<()> {
    let Ok(machine) = std::env::consts::ARCH.try_into() else {
        return Ok(());
    };
    let forbidden = u32::try_from(libc::EPERM).unwrap_or_default();
    let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(forbidden),
        machine,
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)?;
    apply_filter(&program).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_thread_that_has_given_up_has_nothing() {
        let left = thread::spawn(|| {
            give_up().unwrap();
            capabilities(None).unwrap()
        });
        let left = left.join().unwrap();
        assert_eq!(
            left.effective | left.permitted | left.inheritable,
            CapabilitySet::empty()
        );
    }

    #[test]
    fn what_is_refused_is_refused_and_nothing_else_is() {
        let refused = thread::spawn(|| {
            set_no_new_privs(true).unwrap();
            refuse(&[libc::SYS_chroot]).unwrap();
            let refused = nix::unistd::chroot("/");
            (
                refused,
                std::fs::read_to_string("/proc/thread-self/status").unwrap(),
            )
        });
        let (refused, status) = refused.join().unwrap();
        assert_eq!(refused, Err(nix::errno::Errno::EPERM));
        assert!(status.contains("Seccomp:\t2"), "{status}");
        assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    }
}
