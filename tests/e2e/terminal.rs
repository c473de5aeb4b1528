//! What people see on a terminal: colours, marks, and lines within its width.

use crate::lab::Turn;
use crate::program::{LAB, lab, run};

/// What a command prints on a terminal of that many columns.
fn on_a_terminal(columns: usize, environment: &str, words: &str) -> String {
    let script = format!("stty cols {columns}; {environment} {LAB} {words}");
    run("script", &["-qec", &script, "/dev/null"])
        .said
        .replace('\r', "")
}

#[test]
fn a_terminal_gets_colours_marks_and_its_width_and_a_pipe_gets_none() {
    let turn = Turn::begin();
    let up = turn.lab_up("terminal", &[]);
    let of = |command: &str| format!("{command} --lab {}", up.name);
    let utf8 = "LC_ALL=C.UTF-8";
    let proof = on_a_terminal(200, utf8, &of("verify --steady --quiet"));
    assert!(proof.contains("\u{1b}[32m✓ pass\u{1b}[0m"), "{proof}");
    let ascii = on_a_terminal(200, "LC_ALL=C", &of("matrix"));
    assert!(ascii.is_ascii(), "{ascii}");
    assert!(on_a_terminal(200, utf8, &of("matrix")).contains('✓'));
    for command in ["routes hub-vm", "why branch-vm loc1-vm", "ls --all"] {
        let words = if command.starts_with("ls") {
            command.to_owned()
        } else {
            of(command)
        };
        let text = on_a_terminal(100, "NO_COLOR=1", &words);
        assert!(!text.contains('\u{1b}'), "{text}");
        let long = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None, "{text}");
        let piped = lab(&words.split(' ').collect::<Vec<_>>()).exits(0).said;
        assert!(!piped.contains('\u{1b}'), "{piped}");
    }
    let wide = lab(&["status", &up.name]).exits(0).said;
    let narrow = on_a_terminal(120, "NO_COLOR=1", &of("status"));
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(longest(&narrow) < longest(&wide), "{narrow}");
    // Who asks for colours gets them anywhere.
    let coloured = lab(&["status", &up.name, "--color", "always"])
        .exits(0)
        .said;
    assert!(coloured.contains("\u{1b}[32mup\u{1b}[0m"), "{coloured}");
}

#[test]
fn findings_are_coloured_on_a_terminal_only() {
    let turn = Turn::begin();
    let bad = turn.file("bad.yaml", "name: bad\nvnet: {}\n");
    let coloured = on_a_terminal(100, "LC_ALL=C.UTF-8", &format!("validate {bad}"));
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let plain = lab(&["validate", &bad]).exits(2).complained;
    assert!(plain.starts_with("error[unknown-key]: `vnet`"), "{plain}");
    let never = on_a_terminal(
        100,
        "LC_ALL=C.UTF-8",
        &format!("validate {bad} --color never"),
    );
    assert_eq!(never, plain);
}
