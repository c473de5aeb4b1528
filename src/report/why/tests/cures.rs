//! What to do, as text.

use insta::assert_snapshot;

use crate::report::why::{Healing, cures, cures_text};
use crate::verify::cure::{Cure, Edit, EditAction, Heals, Remedy};

const ENDS: [&str; 2] = ["a", "b"];

fn cure(what: &str, remedy: Remedy) -> Cure {
    Cure {
        what: what.to_owned(),
        remedy,
        hops: 2,
        cuts: Vec::new(),
    }
}

fn edit(
    action: EditAction,
    path: &str,
    (line, last): (usize, Option<usize>),
    lines: &[&str],
) -> Edit {
    Edit {
        action,
        path: path.to_owned(),
        line,
        last,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
    }
}

#[test]
fn edits_name_each_place_and_have_the_lines_of_the_file() {
    let add = EditAction::Add;
    let edits = vec![
        edit(
            add,
            "sites.loc2",
            (9, None),
            &["    asn: 65001", "    advertise: [10.2.0.0/24]"],
        ),
        edit(
            add,
            "sites.loc2.routers.ce",
            (12, None),
            &["        transit: true"],
        ),
        edit(
            EditAction::Replace,
            "sites.loc3",
            (14, Some(15)),
            &["  loc3: { asn: 65003 }"],
        ),
        edit(
            EditAction::Remove,
            "impairments",
            (20, Some(20)),
            &["impairments: []"],
        ),
        edit(add, "", (21, None), &["routeTables:", "  x: ~"]),
    ];
    let edits = edits.into_iter().rev().collect();
    let found = [cure("advertise it", Remedy::Edits(edits))];
    let shown = cures(&found, Healing::Option);
    assert_snapshot!(cures_text(&shown, ENDS, true), @r"
    What to do
      The lab file expects this path to be unreachable.
      Advertise it: add at the end of the lab file

    routeTables:
      x: ~

      and in the lab file, remove line 20

    impairments: []

      and in the lab file, replace lines 14 to 15 by

      loc3: { asn: 65003 }

      and in the lab file, add to `sites.loc2.routers.ce` after line 12

            transit: true

      and in the lab file, add to `sites.loc2` after line 9

        asn: 65001
        advertise: [10.2.0.0/24]

      With this, a reaches b in 2 hops, and back.
    ");
}

#[test]
fn failures_are_left_out_of_the_option() {
    let one = Remedy::Heals(Heals::Parts(vec!["l1".into()]));
    let two = Remedy::Heals(Heals::Parts(vec!["l1".into(), "l2".into()]));
    let node = Remedy::Heals(Heals::Node("r1".into()));
    let found = [
        cure("heal the link l1", one),
        cure("heal the links l1 and l2", two),
        cure("heal the links of r1", node),
    ];
    let shown = cures(&found, Healing::Option);
    assert_snapshot!(cures_text(&shown, ENDS, false), @r"
    What to do
      1. Heal the link l1: leave it out of `--down`
      With this, a reaches b in 2 hops, and back.

      2. Heal the links l1 and l2: leave them out of `--down`
      With this, a reaches b in 2 hops, and back.

      3. Heal the links of r1: leave them out of `--down`
      With this, a reaches b in 2 hops, and back.
    ");
    let shown = cures(&found, Healing::Running(None));
    let commands = shown.iter().filter_map(|cure| cure.command.as_deref());
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands, ["lab heal l1", "lab heal l1 l2", "lab heal r1"]);
}

#[test]
fn what_a_cure_cuts_is_said() {
    let mut found = cure(
        "heal the link l1",
        Remedy::Heals(Heals::Parts(vec!["l1".into()])),
    );
    let pair = |from: &str, to: &str| [from.to_owned(), to.to_owned()];
    found.cuts = vec![pair("c", "d"), pair("c", "e"), pair("d", "e")];
    let shown = cures(&[found], Healing::Option);
    assert_snapshot!(cures_text(&shown, ENDS, false), @r"
    What to do
      Heal the link l1: leave it out of `--down`
      With this, a reaches b in 2 hops, and back. This cuts c to d and 2 more paths.
    ");
}
