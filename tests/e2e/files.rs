//! Files that commands read and write: no existing file is half overwritten, and the text of other files is never
//! shown.

use std::fs;
use std::os::unix::fs::symlink;

use crate::lab::Turn;
use crate::program::{self, LAB, command, finish, run};

/// Runs a program in a folder with room for one page, which already contains a file `x.svg`.
const WITHOUT_ROOM: &str = r#"
mount -t tmpfs -o size=8k tmpfs "$1"
cd "$1"
echo old >x.svg
shift
"$@"
echo "$?"
cat x.svg
ls -A
"#;

#[test]
fn a_picture_that_there_is_no_room_for_leaves_the_old_one() {
    let turn = Turn::begin();
    let folder = turn.folder().join("small");
    fs::create_dir(&folder).expect("a folder of the test's own");
    let folder = folder.display().to_string();
    let words = [
        "-m",
        "sh",
        "-c",
        WITHOUT_ROOM,
        "sh",
        &folder,
        LAB,
        "graph",
        "hub-spoke",
        "-o",
        "x.svg",
    ];
    let ran = run("unshare", &words).exits(0);
    assert_eq!(ran.said, "2\nold\nx.svg\n", "{ran:#?}");
    assert!(
        ran.complained.contains("No space left on device"),
        "{ran:#?}"
    );
    let picture = turn.file("y.svg", "old");
    program::lab(&["graph", "hub-spoke", "-o", &picture]).exits(0);
    assert!(fs::read_to_string(&picture).is_ok_and(|text| text.starts_with("<svg")));
}

#[test]
fn a_new_lab_is_written_over_nothing_and_through_no_link() {
    let turn = Turn::begin();
    let at = |name: &str| turn.folder().join(name).display().to_string();
    let [schema, mine] = ["lab.schema.json", "mine"].map(at);
    let init = |name: &str| program::lab(&["init", &at(name)]);
    let first = init("one.yaml").exits(0).said;
    assert!(
        first.contains(&format!("and, for editors, {schema}\n")),
        "{first}"
    );
    let second = init("two.yaml").exits(0).said;
    assert!(
        second.contains("lab.schema.json already exists\n"),
        "{second}"
    );
    fs::remove_file(&schema).expect("the schema");
    fs::write(&mine, "mine").expect("a file of the test's own");
    symlink("mine", &schema).expect("a link of the test's own");
    let third = init("three.yaml").exits(0).said;
    assert!(
        third.contains(&format!(
            "is unchanged: remove it and run `lab schema >{schema}`"
        )),
        "{third}"
    );
    assert_eq!(fs::read_to_string(&mine).expect("the file"), "mine");
    let link = at("four.yaml");
    symlink("five.yaml", &link).expect("a link of the test's own");
    let fourth = init("four.yaml").exits(2).complained;
    assert!(fourth.contains("already exists"), "{fourth}");
    assert!(!turn.folder().join("five.yaml").exists());
}

#[test]
fn of_a_file_that_is_no_lab_nothing_is_shown() {
    let turn = Turn::begin();
    let secrets = [
        "root:$6$salt$s3cret:19000:0:99999:7:::\n",
        "password: s3cret\n",
        "- s3cret\n- {\n",
        "-----BEGIN PRIVATE KEY-----\ns3cret: [\n",
        "token s3cret\n\t- &s3cret *s3cret\n",
    ];
    for (number, secret) in secrets.into_iter().enumerate() {
        let file = turn.file(&format!("secret{number}"), secret);
        let link = turn.folder().join(format!("link{number}.yaml"));
        symlink(&file, &link).expect("a link of the test's own");
        let link = link.display().to_string();
        for words in [
            &["validate"][..],
            &["validate", "--json"],
            &["up"],
            &["down"],
            &["graph"],
        ] {
            let ran = program::lab(&[words, &[&link]].concat()).exits(2);
            let told = format!("error: {link} is not a lab file: it has none of the keys of one");
            assert!(ran.complained.starts_with(&told), "{ran:#?}");
            assert!(!ran.complained.contains("s3cret"), "{ran:#?}");
            // As JSON, the error is on standard output too.
            let is_json = words.contains(&"--json");
            assert!(ran.said.is_empty() != is_json, "{ran:#?}");
            assert!(!ran.said.contains("s3cret"), "{ran:#?}");
        }
        let words = ["verify", "hub-spoke", "--baseline", &file];
        let ran = program::lab(&words).exits(2);
        assert!(!ran.complained.contains("s3cret"), "{ran:#?}");
    }
    let baseline = turn.file("baseline", "{\"lab\": [\"s3cret\"], \"s3cret\": 1}");
    let ran = program::lab(&["verify", "hub-spoke", "--baseline", &baseline]).exits(2);
    assert!(!ran.complained.contains("s3cret"), "{ran:#?}");
}

#[test]
fn a_files_name_does_not_command_the_terminal() {
    let turn = Turn::begin();
    let good = turn.file("a\u{1b}[31m\u{202e}.yaml", "name: a\nsites: {}\n");
    let ran = program::lab(&["validate", &good]).exits(0);
    assert!(
        ran.said.contains("a\\u{1b}[31m\\u{202e}.yaml is a lab"),
        "{ran:#?}"
    );
    let bad = turn.file("b\u{1b}[31m\u{9b}\n.yaml", "nothing\n");
    let ran = program::lab(&["validate", &bad]).exits(2);
    assert!(
        ran.complained
            .contains("b\\u{1b}[31m\\u{9b}\\n.yaml is not"),
        "{ran:#?}"
    );
    let wrong = turn.file("c\u{1b}[31m.yaml", "name: c\n\"k\\e[31m\": 1\n");
    let ran = program::lab(&["validate", &wrong]).exits(2);
    assert!(!ran.complained.contains('\u{1b}'), "{ran:#?}");
}

#[test]
fn a_lab_that_is_too_much_work_is_refused_before_the_work() {
    let turn = Turn::begin();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/chain");
    let chain = |routers| run(script, &[routers]).exits(0).said;
    let long = chain("4000").replace("    igp: false\n", "");
    let long = turn.file("long.yaml", &long);
    // Less than a gibibyte of memory: its routes need several.
    let bounded = "ulimit -v 1000000; exec \"$@\"";
    for words in [
        &["validate"][..],
        &["plan"],
        &["up"],
        &["graph"],
        &["routes", "r1", "--file"],
    ] {
        let words = [&["-c", bounded, "bash", LAB], words, &[&long]].concat();
        let ran = run("bash", &words).exits(2);
        assert_eq!(ran.said, "", "{ran:#?}");
        let told = "error[too-much-work]: site chain needs 15996000 routes; a lab may need at most 2000000\n";
        assert!(ran.complained.starts_with(told), "{ran:#?}");
        assert!(ran.complained.contains("LAB_MAX_WORK=8"), "{ran:#?}");
    }
    let wide = turn.file("wide.yaml", &chain("5000"));
    program::lab(&["plan", &wide]).exits(0);
    let small = turn.file("small.yaml", &chain("20"));
    let mut wrong = command(LAB, &["validate", &small]);
    let refused = finish(wrong.env("LAB_MAX_WORK", "lots")).exits(2);
    assert!(
        refused.complained.contains("LAB_MAX_WORK is `lots`"),
        "{refused:#?}"
    );
    let mut right = command(LAB, &["validate", &small]);
    finish(right.env("LAB_MAX_WORK", "2")).exits(0);
}
