//! Tests of the source text: the direction of the crate's modules, and tidiness.
//!
//! A module names only modules of lower layers. Doc links count: a lower module does not mention a
//! higher one even in a comment.

mod addresses;
mod crates;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The crate's modules from the lowest layer up. Modules of one layer do not name each other.
const LAYERS: &[&[&str]] = &[
    &["addresses", "names", "units", "findings"],
    &["firewall"],
    &["yaml", "topology", "recorded"],
    &["onpremises"],
    &["azure"],
    &["lab"],
    &["import"],
    &["routing", "export"],
    &["network", "plan"],
    &["fault", "verify"],
    &["control", "privilege"],
    &["kernel", "probe", "capture", "tunnel", "wire", "store"],
    &["report"],
    &["engine"],
    &["supervisor"],
    &["ui"],
    &["cli"],
];

/// The files that join modules and are above every layer.
const ABOVE_ALL: &[&str] = &["lib", "main"];

/// The most lines that a source file may have; tests may be longer.
const MOST_LINES: usize = 400;

/// The names of kinds of device or session. In routing, only the files of devices may use them, so that the rules of a
/// device are in one place.
const DEVICE_KINDS: &[&str] = &["Role::", "SessionKind::"];

/// The folder of routing that may name kinds of device: it contains what each device does with routes.
const DEVICES: &str = "routing/speaker";

/// Other files of routing that may name kinds of device, each with the reason. There are none.
const DEVICES_ELSEWHERE: &[(&str, &str)] = &[];

/// The folders that may name kinds of device: they create devices or contain what each does with routes.
const RESOURCES: &[&str] = &["azure", "onpremises", "routing/speaker"];

/// Other files that may name kinds of device, each with the reason.
const KINDS_ELSEWHERE: &[(&str, &str)] = &[
    (
        "report/picture/scene/azure.rs",
        "each kind has a picture, and the match names all kinds",
    ),
    (
        "topology/internet.rs",
        "makes the internet, which no resource of a file is",
    ),
];

/// Allowed cycles of files of different folders: one file of each, and the reason.
const CIRCLES: &[(&str, &str)] = &[(
    "routing/bgp.rs",
    "a speaker asks BGP for its sessions, and BGP asks each speaker what it does with a route",
)];

/// Enums whose kinds are carried out one by one: each match names all kinds, so that the compiler reports a missing
/// one.
const CARRIED_OUT: &[&str] = &["Operation::", "Entry::", "Filter::"];

/// The only name of the supervisor that the rest of the program uses: a command runs it to become a supervisor.
/// Everything else goes through `control`, since the supervisor is another process.
const SUPERVISOR_ELSEWHERE: &[&str] = &["supervise"];

/// The names of the commands' use cases that the supervisor uses, by reason.
const ENGINE_IN_SUPERVISOR: &[(&str, &[&str])] = &[
    (
        "the lab of a text, read as commands read it",
        &["Lab", "load_text", "load_timed", "topology_of"],
    ),
    (
        "removal of a lab, as `lab down` removes it",
        &["clear", "clear_nodes", "end_processes", "release", "undo"],
    ),
    (
        "the end by a signal, as for `lab up`",
        &["Came", "Interrupts"],
    ),
    ("a user's own namespaces", &["begin_user_namespace"]),
    (
        "errors, which commands print",
        &["EngineError", "Unfinished"],
    ),
];

/// A source file and the module of the crate that it belongs to.
struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources is readable") {
            let path = entry.expect("a folder is listed to its end").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(source(&root, &path));
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn source(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("a source file is text");
    let path = path
        .strip_prefix(root)
        .expect("a source file lies under src")
        .to_owned();
    let first = path.iter().next().unwrap_or_default().to_string_lossy();
    let module = first.trim_end_matches(".rs").to_owned();
    Source { path, module, text }
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The text after each `crate::`: a name, or the bracket of a group.
fn named(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(number, line)| {
        line.split("crate::").skip(1).map(move |rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (
                number + 1,
                if end == 0 {
                    &rest[..rest.len().min(1)]
                } else {
                    &rest[..end]
                },
            )
        })
    })
}

/// The names in a source file of modules that it must not use.
fn upward(source: &Source) -> Vec<String> {
    if ABOVE_ALL.contains(&source.module.as_str()) {
        return Vec::new();
    }
    let Source { path, module, text } = source;
    let Some(own) = layer(module) else {
        return vec![format!("{}: `{module}` is in no layer", path.display())];
    };
    let is_wrong = |name: &str| name != module && layer(name).is_none_or(|other| other >= own);
    let wrong = named(text).filter(|(_, name)| is_wrong(name));
    wrong
        .map(|(line, name)| format!("{}:{line}: `{module}` names `{name}`", path.display()))
        .collect()
}

#[test]
fn a_module_names_only_modules_of_lower_layers() {
    let wrong: Vec<String> = sources().iter().flat_map(upward).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The names that a text uses of a module: those after `module::`, including each name of a group.
fn named_of<'a>(module: &str, text: &'a str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let path = format!("{module}::");
    let places = text.match_indices(&path);
    let places = places.filter(|(at, _)| !text[..*at].ends_with(is_name));
    let names = places.flat_map(|(at, path)| {
        let rest = &text[at + path.len()..];
        let group = rest
            .strip_prefix('{')
            .and_then(|group| group.split_once('}'));
        let name = rest
            .split_once(|c| !is_name(c))
            .map_or(rest, |(name, _)| name);
        let names = group.map_or(name, |(names, _)| names).split(',');
        names.map(str::trim).collect::<Vec<_>>()
    });
    names
        .filter(|name| !name.is_empty() && *name != "self")
        .collect()
}

/// The names that a source file must not use across the border between the supervisor's process and the commands'.
fn across(source: &Source) -> Vec<String> {
    let Source { path, module, text } = source;
    let is_supervisor = module == "supervisor";
    let other = if is_supervisor {
        "engine"
    } else {
        "supervisor"
    };
    let may = |name: &str| {
        let mut listed = ENGINE_IN_SUPERVISOR.iter().flat_map(|(_, names)| *names);
        if is_supervisor {
            listed.any(|one| *one == name)
        } else {
            SUPERVISOR_ELSEWHERE.contains(&name)
        }
    };
    let names = named_of(other, text).into_iter();
    names
        .filter(|name| !may(name))
        .map(|name| format!("{}: `{module}` names `{other}::{name}`", path.display()))
        .collect()
}

#[test]
fn commands_and_the_supervisor_name_only_what_is_listed_of_each_other() {
    let wrong: Vec<String> = sources().iter().flat_map(across).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let sources = sources();
    let supervisor = sources.iter().filter(|it| it.module == "supervisor");
    let named: Vec<&str> = supervisor
        .flat_map(|source| named_of("engine", &source.text))
        .collect();
    let listed = ENGINE_IN_SUPERVISOR.iter().flat_map(|(_, names)| *names);
    let idle: Vec<_> = listed.filter(|name| !named.contains(name)).collect();
    assert!(idle.is_empty(), "listed and not named: {idle:?}");
}

#[test]
fn a_name_across_the_border_of_processes_is_found() {
    let found = |module: &str, text: &str| {
        let source = Source {
            path: "x.rs".into(),
            module: module.to_owned(),
            text: text.to_owned(),
        };
        across(&source).join("; ")
    };
    assert_eq!(found("cli", "supervisor::supervise(&lab)"), "");
    assert_eq!(
        found("cli", "use crate::supervisor::live;"),
        "x.rs: `cli` names `supervisor::live`"
    );
    assert_eq!(
        found("supervisor", "use crate::engine::{\n    self, Lab,\n};"),
        ""
    );
    assert_eq!(
        found("supervisor", "let up = engine::running(None);"),
        "x.rs: `supervisor` names `engine::running`"
    );
    assert_eq!(
        found("supervisor", "use crate::engine::{Lab, Up};"),
        "x.rs: `supervisor` names `engine::Up`"
    );
}

#[test]
fn a_name_that_goes_up_or_sideways_or_hides_in_a_group_is_found() {
    let found = |module: &str, text: &str| {
        let source = Source {
            path: "x.rs".into(),
            module: module.to_owned(),
            text: text.to_owned(),
        };
        upward(&source).join("; ")
    };
    assert_eq!(
        found("plan", "use crate::routing::Route;\nuse crate::plan::Plan;"),
        ""
    );
    assert_eq!(
        found("routing", "use crate::kernel;"),
        "x.rs:1: `routing` names `kernel`"
    );
    assert_eq!(
        found("wire", "/// See [`crate::tunnel`]."),
        "x.rs:1: `wire` names `tunnel`"
    );
    assert_eq!(
        found("report", "\nuse crate::engine::up;"),
        "x.rs:2: `report` names `engine`"
    );
    assert_eq!(
        found("plan", "use crate::{names, units};"),
        "x.rs:1: `plan` names `{`"
    );
    assert_eq!(found("core", ""), "x.rs: `core` is in no layer");
}

/// Whether a file holds tests only.
fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        Path::new(part.as_os_str())
            .file_stem()
            .is_some_and(|name| name == "tests")
    })
}

/// The lines of a routing file that wrongly name a kind of device or session.
fn devices_elsewhere(source: &Source) -> Vec<String> {
    let Source { path, module, text } = source;
    let may = path.with_extension("").starts_with(DEVICES)
        || is_test(path)
        || DEVICES_ELSEWHERE
            .iter()
            .any(|(excepted, _)| path == Path::new(excepted));
    if module != "routing" || may {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| DEVICE_KINDS.iter().any(|kind| line.contains(kind)))
        .map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

#[test]
fn only_the_files_of_devices_name_kinds_of_device_in_routing() {
    let wrong: Vec<String> = sources().iter().flat_map(devices_elsewhere).collect();
    assert!(
        wrong.is_empty(),
        "move it to a file of src/{DEVICES}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_kind_of_device_in_the_engine_is_found() {
    let found = |path: &str| {
        let source = Source {
            path: path.into(),
            module: "routing".to_owned(),
            text: "match role {\n    Role::Msee => 1,\n}".to_owned(),
        };
        devices_elsewhere(&source).join("; ")
    };
    assert_eq!(
        found("routing/bgp/prefix.rs"),
        "routing/bgp/prefix.rs:2: Role::Msee => 1,"
    );
    assert_eq!(found("routing.rs"), "routing.rs:2: Role::Msee => 1,");
    assert_eq!(found("routing/speaker.rs"), "");
    assert_eq!(found("routing/speaker/msee.rs"), "");
    assert_eq!(found("routing/tests/bgp.rs"), "");
}

/// The lines of a file that name a kind of device, instead of calling a method of the device's role.
fn kinds_elsewhere(source: &Source) -> Vec<String> {
    let Source { path, text, .. } = source;
    let may = RESOURCES
        .iter()
        .any(|folder| path.with_extension("").starts_with(folder))
        || is_test(path)
        || KINDS_ELSEWHERE
            .iter()
            .any(|(excepted, _)| path == Path::new(excepted));
    if may {
        return Vec::new();
    }
    let names_kind = |line: &str| {
        let mut named = line.split("Role::").skip(1);
        named.any(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| names_kind(line))
        .map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

#[test]
fn only_resources_and_speakers_name_kinds_of_device() {
    let sources = sources();
    let wrong: Vec<String> = sources.iter().flat_map(kinds_elsewhere).collect();
    assert!(
        wrong.is_empty(),
        "ask the role instead:\n{}",
        wrong.join("\n")
    );
    for (excepted, _) in KINDS_ELSEWHERE {
        let source = sources.iter().find(|it| it.path == Path::new(excepted));
        let text = source.map_or("", |source| &source.text);
        assert!(
            text.contains("Role::"),
            "{excepted} is no exception any more"
        );
    }
}

#[test]
fn a_kind_of_device_outside_its_folder_is_found() {
    let found = |path: &str, line: &str| {
        let source = Source {
            path: path.into(),
            module: String::new(),
            text: line.to_owned(),
        };
        kinds_elsewhere(&source).join("; ")
    };
    assert_eq!(
        found("plan/build.rs", "matches!(role, Role::Msee)"),
        "plan/build.rs:1: matches!(role, Role::Msee)"
    );
    assert_eq!(found("plan/build.rs", "/// See [`Role::forwards`]."), "");
    assert_eq!(found("azure/circuit/lower.rs", "Role::Msee"), "");
    assert_eq!(found("onpremises.rs", "Role::Host"), "");
    assert_eq!(found("plan/tests/order.rs", "Role::Host"), "");
}

/// The paths of a `use` statement, without `use`: one for each imported name.
fn leaves(tree: &str) -> Vec<Vec<String>> {
    let segments = |path: &str| -> Vec<String> {
        let parts = path.split("::").map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![segments(tree)];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    let items = items.iter().filter(|item| !item.trim().is_empty());
    items
        .flat_map(|item| leaves(item))
        .map(|leaf| [segments(head), leaf].concat())
        .collect()
}

/// The module path of a source file.
fn module_path(path: &Path) -> String {
    let path = path.with_extension("");
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("::")
}

/// The modules that a source file imports from, except itself. Of several modules in one path, the last counts.
fn imports(source: &Source, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let own = module_path(&source.path);
    let parts: Vec<String> = own.split("::").map(str::to_owned).collect();
    let statements = source.text.split(';').filter_map(|text| {
        let mut lines = text.lines().skip_while(|line| {
            let line = line.trim_start_matches("pub ");
            let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
            let line = line.strip_prefix("pub(super) ").unwrap_or(line);
            !line.starts_with("use ")
        });
        let first = lines.next()?.split_once("use ")?.1.to_owned();
        Some(lines.fold(first, |whole, line| whole + line))
    });
    let mut found = BTreeSet::new();
    for leaf in statements.flat_map(|statement| leaves(&statement)) {
        let above = leaf.iter().take_while(|part| *part == "super").count();
        let path = match leaf.first().map(String::as_str) {
            Some("crate") => leaf[1..].to_vec(),
            Some("super") => {
                let base = &parts[..parts.len().saturating_sub(above)];
                [base, &leaf[above..]].concat()
            }
            _ => continue,
        };
        let prefixes = (1..=path.len())
            .rev()
            .map(|length| path[..length].join("::"));
        let module = prefixes.into_iter().find(|path| modules.contains(path));
        found.extend(module.filter(|module| *module != own));
    }
    found
}

/// The cycles of files of several folders: each as its files, in order.
fn circles(sources: &[Source]) -> Vec<Vec<String>> {
    let counted = || {
        sources
            .iter()
            .filter(|source| !is_test(&source.path) && !ABOVE_ALL.contains(&source.module.as_str()))
    };
    let modules: BTreeSet<String> = counted().map(|it| module_path(&it.path)).collect();
    let direct: BTreeMap<String, BTreeSet<String>> = counted()
        .map(|source| (module_path(&source.path), imports(source, &modules)))
        .collect();
    let reached = |from: &str| {
        let mut all = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(one) = open.pop() {
            let new = direct[&one]
                .iter()
                .filter(|next| all.insert((*next).clone()));
            open.extend(new.cloned());
        }
        all
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = direct
        .keys()
        .map(|from| (from.as_str(), reached(from)))
        .collect();
    let circles = reached.iter().filter(|(own, all)| all.contains(**own));
    let circles = circles.map(|(own, all)| {
        let back = all
            .iter()
            .filter(|other| reached[other.as_str()].contains(*own));
        back.cloned().collect::<Vec<String>>()
    });
    let circles: BTreeSet<Vec<String>> = circles.collect();
    let folder = |module: &String| {
        module
            .rsplit_once("::")
            .map(|(folder, _)| folder.to_owned())
    };
    let folders = |circle: &Vec<String>| circle.iter().map(folder).collect::<BTreeSet<_>>().len();
    circles
        .into_iter()
        .filter(|circle| folders(circle) > 1)
        .collect()
}

#[test]
fn files_of_different_folders_do_not_import_each_other_in_a_circle() {
    let circles = circles(&sources());
    let excepted = |file: &str| {
        let module = module_path(Path::new(file));
        circles.iter().position(|circle| circle.contains(&module))
    };
    let known: Vec<Option<usize>> = CIRCLES.iter().map(|(file, _)| excepted(file)).collect();
    for ((file, _), circle) in CIRCLES.iter().zip(&known) {
        assert!(circle.is_some(), "{file} is in no circle any more");
    }
    let new = circles.iter().enumerate();
    let new = new.filter(|(number, _)| !known.contains(&Some(*number)));
    let new: Vec<String> = new.map(|(_, circle)| circle.join(" <-> ")).collect();
    assert!(new.is_empty(), "\n{}", new.join("\n"));
}

#[test]
fn a_circle_of_files_is_found() {
    let source = |path: &str, text: &str| Source {
        path: path.into(),
        module: String::new(),
        text: text.to_owned(),
    };
    let found = |b: &str| {
        circles(&[
            source(
                "x/a.rs",
                "//! A.\n\nuse crate::y::{\n    b::B,\n    c::{C, D},\n};\n",
            ),
            source("y/b.rs", b),
            source("y/c.rs", "use crate::names::Name;\n"),
        ])
    };
    assert_eq!(
        found("pub(crate) use super::super::x::a::A;\n"),
        [["x::a", "y::b"]]
    );
    assert_eq!(found("use super::c::C;\n"), [[""; 0]; 0]);
    assert_eq!(found("// use crate::x::a::A;\n"), [[""; 0]; 0]);
}

/// The wildcard arms of matches on operations, entries or filters that do something: they would accept a new kind
/// without a compiler error. An arm that returns nothing only tests for some kinds, and is allowed.
fn wildcards(source: &Source) -> Vec<String> {
    let Source { path, text, .. } = source;
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_carried_out = |line: &str| {
        let arm = line.trim_start().trim_start_matches("| ");
        CARRIED_OUT.iter().any(|kind| arm.starts_with(kind))
    };
    let is_wild = |number: usize| {
        let own = indent(lines[number]);
        let before = lines[..number].iter().rev();
        let mut arms = before
            .filter(|line| !line.trim().is_empty())
            .take_while(|line| indent(line) >= own)
            .filter(|line| indent(line) == own);
        arms.any(|line| is_carried_out(line))
    };
    let numbered = lines.iter().enumerate();
    let wild = numbered.filter(|(number, line)| {
        let arm = line.trim_start();
        let answer = arm.split_once("=> ").map_or("", |(_, answer)| answer);
        let is_question = ["None,", "Vec::new(),", "&[],"].contains(&answer);
        arm.starts_with("_ ") && !answer.is_empty() && !is_question && is_wild(*number)
    });
    wild.map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

#[test]
fn no_operation_entry_or_filter_is_carried_out_by_a_wildcard() {
    let sources = sources()
        .into_iter()
        .filter(|source| !is_test(&source.path));
    let wrong: Vec<String> = sources.flat_map(|source| wildcards(&source)).collect();
    assert!(wrong.is_empty(), "name every kind:\n{}", wrong.join("\n"));
}

#[test]
fn a_wildcard_that_carries_an_entry_out_is_found() {
    let found = |arm: &str| {
        let source = Source {
            path: "kernel/x.rs".into(),
            module: "kernel".to_owned(),
            text: format!("match one {{\n    Entry::Rule {{ .. }} => 1,\n    {arm}\n}}"),
        };
        wildcards(&source).join("; ")
    };
    assert_eq!(found("_ => {}"), "kernel/x.rs:3: _ => {}");
    assert_eq!(found("_ if true => 2,"), "kernel/x.rs:3: _ if true => 2,");
    assert_eq!(found("_ => None,"), "");
    assert_eq!(found("Entry::AskEachSource => 2,"), "");
}

#[test]
fn every_source_file_says_first_what_it_is_for() {
    let silent = sources()
        .into_iter()
        .filter(|source| !source.text.is_empty() && !source.text.starts_with("//! "));
    let paths: Vec<_> = silent
        .map(|source| source.path.display().to_string())
        .collect();
    assert!(paths.is_empty(), "no `//!` in {}", paths.join(", "));
}

#[test]
fn no_source_file_is_longer_than_a_sitting() {
    let long = sources()
        .into_iter()
        .filter(|source| !is_test(&source.path) && source.text.lines().count() > MOST_LINES);
    let paths: Vec<_> = long
        .map(|source| {
            format!(
                "{} ({} lines)",
                source.path.display(),
                source.text.lines().count()
            )
        })
        .collect();
    assert!(
        paths.is_empty(),
        "longer than {MOST_LINES} lines: {}",
        paths.join(", ")
    );
}
