//! The pairs whose path differs between two labs.

use insta::assert_snapshot;

use crate::report::diff::{Diff, Side, diff, text};
use crate::report::solved::{APPLIANCE, Solved};

fn between(a: &Solved, b: &Solved) -> Diff {
    diff(
        Side {
            title: "before",
            state: a,
        },
        Side {
            title: "after",
            state: b,
        },
    )
}

#[test]
fn a_lab_is_the_same_as_itself() {
    let diff = between(&Solved::hub_spoke(), &Solved::hub_spoke());
    assert!(diff.is_same());
    assert_snapshot!(text(&diff), @"30 pairs the same, 0 differ");
}

#[test]
fn what_a_failure_changes_stands_side_by_side() {
    let failed = Solved::hub_spoke().without("er1-primary");
    assert_snapshot!(text(&between(&Solved::hub_spoke(), &failed)), @r"
    hub-vm -> loc1-vm
       NODE  before      after
    ✗  1     er1-msee1   hub-vpngw
    ✗  2     loc1-ce1 *  loc1-ce1
       3     loc1-lan *  loc1-lan *
       4     loc1-vm     loc1-vm

    loc1-vm -> hub-vm
       NODE  before      after
       1     loc1-lan    loc1-lan
       2     loc1-ce1    loc1-ce1
    ✗  3     er1-msee1   (hub-vpngw)
    ✗  4     hub-ergw *  hub-vm
    ✗  5     hub-vm

    loc1-vm -> remote-vm
       NODE  before         after
       1     loc1-lan       loc1-lan
    ✗  2     loc1-ce1       loc1-ce1, lost
    ✗  3     er1-msee1
    ✗  4     remote-ergw *
    ✗  5     remote-vm
      after: loc1-vm does not reach remote-vm: loc1-ce1 has no route to 10.17.30.4

    loc1-vm -> spoke-vm
       NODE  before      after
       1     loc1-lan    loc1-lan
       2     loc1-ce1    loc1-ce1
    ✗  3     er1-msee1   (hub-vpngw)
    ✗  4     hub-ergw *  spoke-vm
    ✗  5     spoke-vm

    remote-vm -> loc1-vm
       NODE  before      after
    ✗  1     er1-msee1   remote-vm, lost
    ✗  2     loc1-ce1 *
    ✗  3     loc1-lan *
    ✗  4     loc1-vm
      after: remote-vm does not reach loc1-vm: remote-vm has no route to 10.2.30.10 except the system route 10.0.0.0/8 to
        None

    spoke-vm -> loc1-vm
       NODE  before      after
    ✗  1     er1-msee1   hub-vpngw
    ✗  2     loc1-ce1 *  loc1-ce1
       3     loc1-lan *  loc1-lan *
       4     loc1-vm     loc1-vm

    * a hop without an answer; ( ) no hop of a trace
    24 pairs the same, 6 differ
    ");
}

#[test]
fn machines_of_one_lab_alone_are_named() {
    let diff = between(&Solved::hub_spoke(), &Solved::of(APPLIANCE));
    assert!(!diff.is_same());
    assert_snapshot!(text(&diff), @r"
    only in before: branch-vm, hub-vm, loc1-vm, loc2-vm, remote-vm, spoke-vm
    only in after: east-pc, far-vm, nva-vm, plain-vm, steered-vm, west-pc
    0 pairs the same, 0 differ
    ");
}
