//! The commands of az whose output an import reads.

use std::fmt::Write;

/// A command of az that lists a kind of resource.
struct List {
    /// The words after `az`.
    command: &'static str,
    /// The file for its output.
    file: &'static str,
    /// Whether az lists this kind only for one resource group at a time.
    by_group: bool,
}

const fn list(command: &'static str, file: &'static str, by_group: bool) -> List {
    List {
        command,
        file,
        by_group,
    }
}

/// The lists, in the order of the sections of a lab file.
const LISTS: [List; 10] = [
    list("network vnet list", "networks", false),
    list("network nic list", "interfaces", false),
    list("vm list", "machines", false),
    list("network public-ip list", "addresses", false),
    list("network route-table list", "route-tables", false),
    list("network lb list", "load-balancers", false),
    list("network express-route list", "circuits", false),
    list("network vnet-gateway list", "gateways", true),
    list("network local-gateway list", "local-gateways", true),
    list("network vpn-connection list", "connections", true),
];

/// A shell script that writes what an import needs into the folder `azure`. It reads only. Without resource groups it
/// lists all of the subscription; `subscription` is az's default if there is none.
#[must_use]
pub fn az_script(subscription: Option<&str>, groups: &[String]) -> String {
    let mut text = String::from(
        "#!/bin/sh\n# Writes the network of a subscription to files for `lab import`. These commands only read.\n\
         # The role Reader is enough. Secrets are not in their output.\nset -eu\nmkdir -p azure\n",
    );
    let of = subscription
        .map(|one| format!(" --subscription {}", quoted(one)))
        .unwrap_or_default();
    let groups = if groups.is_empty() {
        format!("$(az group list{of} --query '[].name' -o tsv)")
    } else {
        groups
            .iter()
            .map(|one| quoted(one))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let is_whole = groups.starts_with('$');
    for one in &LISTS {
        if is_whole && !one.by_group {
            _ = writeln!(
                text,
                "az {}{of} -o json >azure/{}.json",
                one.command, one.file
            );
        }
    }
    _ = writeln!(text, "for group in {groups}; do");
    for one in &LISTS {
        if !is_whole || one.by_group {
            _ = writeln!(
                text,
                "  az {}{of} --resource-group \"$group\" -o json >\"azure/{}-$group.json\"",
                one.command, one.file
            );
        }
    }
    _ = writeln!(
        text,
        "done\necho 'Now: lab import azure/*.json -o lab.yaml'"
    );
    text
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
