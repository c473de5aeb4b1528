//! The backends of tunnels and impaired links: by the machine's features, or by the user's choice.

use crate::lab::Turn;
use crate::program::lab;
use crate::removal::traces;

#[test]
fn the_doctor_says_what_is_there_and_what_would_carry_a_lab() {
    let turn = Turn::begin();
    let doctor = lab(&["doctor", "--json"]).exits(0).json();
    let abilities = doctor["abilities"].as_array().expect("abilities");
    let vital = abilities.iter().filter(|ability| ability["vital"] == true);
    assert!(vital.clone().count() >= 4);
    for ability in vital {
        assert_eq!(ability["present"], true, "{ability:#}");
    }
    for missing in abilities
        .iter()
        .filter(|ability| ability["present"] == false)
    {
        assert!(
            missing["because"].is_string() && missing["remedy"].is_string(),
            "{missing:#}"
        );
    }
    let lab = turn.lab_up("doctor", &[]);
    assert_eq!(lab.status()["backends"], doctor["backends"]);
}

#[test]
fn a_backend_is_taken_or_refused_as_it_is_told() {
    let turn = Turn::begin();
    let told = turn.lab("told", &[]);
    lab(&["up", &told.file, "--backend", "userspace"]).exits(0);
    let backends = told.status()["backends"].clone();
    assert_eq!(
        backends,
        serde_json::json!({"tunnels": "userspace", "delays": "userspace"})
    );
    let other = lab(&["up", &told.file, "--backend", "kernel"]).exits(2);
    assert_eq!(
        other.complained.replace(&told.name, "LAB"),
        "error: lab LAB is up with other backends; `lab down LAB` first\n"
    );
    lab(&["up", &told.file]).exits(0);
    told.down().exits(0);
    let has_kernel = {
        let doctor = lab(&["doctor", "--json"]).exits(0).json();
        doctor["backends"] == serde_json::json!({"tunnels": "kernel", "delays": "kernel"})
    };
    let asked = lab(&["up", &told.file, "--backend", "kernel"]);
    if has_kernel {
        asked.exits(0);
        assert_eq!(told.status()["backends"]["tunnels"], "kernel");
    } else {
        let refused = asked.exits(3);
        assert!(
            refused
                .complained
                .starts_with("error: the kernel backend was requested, and this kernel has no "),
            "{refused:#?}"
        );
        assert_eq!(traces(&told), Vec::<String>::new());
    }
}
