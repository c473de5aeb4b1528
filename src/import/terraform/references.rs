//! Follows references in a configuration: through variables and outputs of modules, to instances of resources.

use super::address::{Key, Piece, pieces};
use super::configuration::{Configuration, references};
use super::expected::is_of;
use super::identity::Document;
use super::instance::Instance;
use super::kinds::{self, End};

use serde_json::Value;

/// The longest chain of references that is followed.
const LONGEST_CHAIN: usize = 32;

/// The most references that are followed for one attribute.
const MOST_STEPS: usize = 4096;

/// Blocks that have ids of their own, and the part of the id that stands before their names.
const PARTS: &[(&str, &str)] = &[
    ("subnet", "subnets"),
    ("link", "vpnSiteLinks"),
    ("ip_configuration", "ipConfigurations"),
    ("frontend_ip_configuration", "frontendIPConfigurations"),
    ("vpn_link", "vpnLinkConnections"),
];

/// Where an expression stands.
#[derive(Debug, Clone, Copy)]
struct Scope<'a> {
    modules: &'a [Piece],
    key: Option<&'a Key>,
    /// What `for_each` goes over.
    each: Option<&'a Value>,
}

/// What a reference leads to.
#[derive(Debug, Clone)]
struct Target {
    place: usize,
    /// What follows the resource in the reference: the attribute.
    rest: Vec<Piece>,
}

/// What was found of an attribute.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The ids, each once.
    pub(super) ids: Vec<String>,
    /// References that lead to no id.
    pub(super) lost: Vec<String>,
}

impl Found {
    fn add(&mut self, ids: impl Iterator<Item = String>) {
        for id in ids {
            if !self.ids.iter().any(|one| one.eq_ignore_ascii_case(&id)) {
                self.ids.push(id);
            }
        }
    }
}

/// A search for the ids of an attribute.
#[derive(Debug)]
pub(super) struct Search<'a> {
    document: &'a Document<'a>,
    configuration: &'a Configuration<'a>,
    targets: Vec<Target>,
    lost: Vec<String>,
    steps: usize,
}

impl<'a> Search<'a> {
    /// The ids that an expression of an instance refers to. Only ids of some types count, if any type is given.
    pub(super) fn ids(
        document: &'a Document<'a>,
        instance: &'a Instance,
        expression: &'a Value,
        types: &[&str],
    ) -> Found {
        let Some(configuration) = document.configuration.as_ref() else {
            return Found::default();
        };
        let mut search = Search {
            document,
            configuration,
            targets: Vec::new(),
            lost: Vec::new(),
            steps: 0,
        };
        search.of_instance(instance, expression, 0);
        let mut found = Found::default();
        // A target may add others: an attribute that is a reference itself.
        let mut place = 0;
        while let Some(target) = search.targets.get(place).cloned() {
            let ids = search.ids_of(&target);
            found.add(ids.into_iter().filter(|id| is_of(id, types)));
            place += 1;
        }
        found.lost = search.lost;
        found
    }

    fn of_instance(&mut self, instance: &'a Instance, expression: &'a Value, depth: usize) {
        let resource = self.configuration.resource(instance);
        let scope = Scope {
            modules: &instance.modules,
            key: instance.key.as_ref(),
            each: resource.and_then(|one| one.get("for_each_expression")),
        };
        self.follow(scope, expression, depth);
    }

    fn follow(&mut self, scope: Scope<'a>, expression: &Value, depth: usize) {
        let references = references(expression);
        let wanted = self.wanted_key(scope, &references);
        let mut indexes = references.iter().copied();
        let index = indexes.find(|one| one.starts_with("each.value."));
        let index = index.filter(|_| wanted.is_none());
        for &text in &references {
            self.steps += 1;
            if depth > LONGEST_CHAIN || self.steps > MOST_STEPS {
                self.lose(text);
                return;
            }
            let parts = pieces(text);
            let first = parts.first().map_or("", |one| one.name.as_str());
            match (first, parts.get(1)) {
                ("each", Some(part)) if part.name == "value" => {
                    self.each(scope, parts.get(2..).unwrap_or_default(), depth);
                }
                ("each" | "count" | "path" | "terraform" | "self", _) | (_, None) => {}
                ("local", Some(_)) => self.lose(text),
                ("var", Some(variable)) => self.variable(scope, variable, depth),
                ("module", Some(module)) => {
                    let rest = parts.get(2..).unwrap_or_default();
                    self.module(scope, (module, rest), wanted.as_ref(), depth);
                }
                (_, Some(_)) => {
                    self.resource(scope, &parts, (wanted.as_ref(), index));
                }
            }
        }
    }

    fn lose(&mut self, text: &str) {
        if !self.lost.iter().any(|one| one == text) {
            self.lost.push(text.to_owned());
        }
    }

    /// The key by which an expression picks an instance. The plan names only the parts of an index, not the index.
    fn wanted_key(&self, scope: Scope<'a>, references: &[&str]) -> Option<Key> {
        references.iter().find_map(|text| match *text {
            "each.key" | "each.value" | "count.index" => scope.key.cloned(),
            text => {
                let path = pieces(text.strip_prefix("each.value.")?);
                let each = (scope.each?, scope.key?);
                let value = self.configuration.each(scope.modules, each, &path)?;
                Key::of(value)
            }
        })
    }

    /// What `for_each` goes over, at the instance's own key.
    fn each(&mut self, scope: Scope<'a>, rest: &[Piece], depth: usize) {
        let Some(each) = scope.each else { return };
        let start = self.targets.len();
        let inside = Scope {
            each: None,
            ..scope
        };
        let over = references(each);
        if let [only] = over.as_slice()
            && let [word, module] = pieces(only).as_slice()
            && word.name == "module"
        {
            // All instances of a module: the rest names an output.
            self.module(inside, (module, rest), scope.key, depth + 1);
            return;
        }
        self.follow(inside, each, depth + 1);
        self.keep(start, scope.key);
        self.extend(start, rest);
    }

    fn variable(&mut self, scope: Scope<'a>, variable: &Piece, depth: usize) {
        let Some((step, outside)) = scope.modules.split_last() else {
            return;
        };
        let Some(call) = self.configuration.call(scope.modules) else {
            return;
        };
        let expression = call
            .get("expressions")
            .and_then(|all| all.get(&variable.name));
        let Some(expression) = expression else { return };
        let start = self.targets.len();
        let scope = Scope {
            modules: outside,
            key: step.key.as_ref(),
            each: call.get("for_each_expression"),
        };
        self.follow(scope, expression, depth + 1);
        self.keep(start, variable.key.as_ref());
    }

    fn module(
        &mut self,
        scope: Scope<'a>,
        (module, rest): (&Piece, &[Piece]),
        wanted: Option<&Key>,
        depth: usize,
    ) {
        let document = self.document;
        let mut paths = document.module_paths(scope.modules, &module.name);
        let key = module.key.as_ref().or(wanted);
        if paths.iter().any(|path| key_of(path) == key) {
            paths.retain(|path| key_of(path) == key);
        }
        let output = rest.first();
        for path in paths {
            let outputs = self
                .configuration
                .outputs(path, output.map(|one| one.name.as_str()));
            for expression in outputs {
                let start = self.targets.len();
                let inside = Scope {
                    modules: path,
                    key: None,
                    each: None,
                };
                self.follow(inside, expression, depth + 1);
                self.keep(start, output.and_then(|one| one.key.as_ref()).or(wanted));
                self.extend(start, rest.get(1..).unwrap_or_default());
            }
        }
    }

    /// Adds the instances of a resource that a reference names. An index that is not known picks one of several, and it
    /// is lost which one.
    fn resource(
        &mut self,
        scope: Scope<'a>,
        parts: &[Piece],
        (wanted, index): (Option<&Key>, Option<&str>),
    ) {
        let is_data = parts.first().is_some_and(|one| one.name == "data");
        let parts = parts.get(usize::from(is_data)..).unwrap_or_default();
        let [kind, block, rest @ ..] = parts else {
            return;
        };
        let document = self.document;
        let names = (kind.name.as_str(), block.name.as_str());
        let key = block.key.as_ref().or(wanted);
        let start = self.targets.len();
        let rest: Vec<Piece> = rest.iter().filter(|one| one.name != "*").cloned().collect();
        // An instance of the wanted key is found at once, and one without a key is the only one.
        let exact = |key| document.index.exact(scope.modules, is_data, names, key);
        if let Some(place) = exact(key).or_else(|| exact(None)) {
            self.targets.push(Target { place, rest });
            return;
        }
        let all = document.index.get(scope.modules, is_data, names).iter();
        let instances = all.filter(|&&place| document.instances[place].modules == scope.modules);
        self.targets.extend(instances.map(|&place| Target {
            place,
            rest: rest.clone(),
        }));
        self.keep(start, key);
        if let Some(index) = index.filter(|_| self.targets.len() > start + 1) {
            self.targets.truncate(start);
            self.lose(index);
        }
    }

    /// Keeps only the targets with a key, in a module with it, or with a name that is the key, if there are any of these.
    fn keep(&mut self, start: usize, key: Option<&Key>) {
        let Some(key) = key else { return };
        let found = self.targets.split_off(start);
        let instances = &self.document.instances;
        let rank = |target: &Target| {
            let one = &instances[target.place];
            if one.key.as_ref() == Some(key) {
                0
            } else if one
                .modules
                .iter()
                .any(|step| step.key.as_ref() == Some(key))
            {
                1
            } else if *key == Key::Text(one.name.clone()) {
                2
            } else {
                3
            }
        };
        let best = found.iter().map(rank).min();
        let kept = found.into_iter().filter(|one| Some(rank(one)) == best);
        self.targets.extend(kept);
    }

    /// Adds an attribute to references that name a whole resource.
    fn extend(&mut self, start: usize, rest: &[Piece]) {
        let found = self.targets.get_mut(start..).unwrap_or_default();
        for target in found.iter_mut().filter(|target| target.rest.is_empty()) {
            target.rest = rest.to_vec();
        }
    }

    /// The ids of a target. One that only leads on adds its targets instead.
    fn ids_of(&mut self, target: &Target) -> Vec<String> {
        let document = self.document;
        let instance = &document.instances[target.place];
        let own = document.ids[target.place].as_deref();
        let first = target.rest.first();
        let attribute = first.map_or("id", |one| one.name.as_str());
        if let Some((_, segment)) = PARTS.iter().find(|(block, _)| *block == attribute) {
            let number = first.and_then(|one| one.key.as_ref());
            return own.map_or_else(Vec::new, |own| {
                parts_of(instance, attribute, (own, segment), number)
            });
        }
        match (attribute, kinds::association(&instance.kind)) {
            // The id of an association is that of what it belongs to.
            ("id", Some(association)) => {
                if let Some(End::Of(attribute)) = association.links.first().map(|link| link.at) {
                    return self.through(instance, attribute);
                }
                Vec::new()
            }
            ("default_route_table_id", _) => own
                .map(|own| format!("{own}/hubRouteTables/defaultRouteTable"))
                .into_iter()
                .collect(),
            ("id" | "name", _) => {
                if own.is_none() {
                    self.lose(&instance.address);
                }
                own.map(str::to_owned).into_iter().collect()
            }
            (attribute, _) if attribute.ends_with("_id") => self.through(instance, attribute),
            _ => {
                self.lose(&format!("{}.{attribute}", instance.address));
                Vec::new()
            }
        }
    }

    /// The id in an attribute of another resource.
    fn through(&mut self, instance: &'a Instance, attribute: &str) -> Vec<String> {
        if let Some(known) = instance.text(attribute) {
            return vec![known.to_owned()];
        }
        let expressions = self.configuration.expressions(instance);
        let expression = expressions.and_then(|all| all.get(attribute));
        match expression {
            Some(expression) if self.steps <= MOST_STEPS => {
                self.of_instance(instance, expression, 0);
            }
            _ => self.lose(&format!("{}.{attribute}", instance.address)),
        }
        Vec::new()
    }
}

fn key_of(path: &[Piece]) -> Option<&Key> {
    path.last().and_then(|step| step.key.as_ref())
}

/// The ids of named blocks: of one by its number, or of all.
fn parts_of(
    instance: &Instance,
    block: &str,
    (own, segment): (&str, &str),
    number: Option<&Key>,
) -> Vec<String> {
    let blocks = instance.values.get(block).into_iter();
    let blocks = blocks.flat_map(super::shape::objects).enumerate();
    let is_it = |place: usize| match number {
        Some(Key::Number(number)) => usize::try_from(*number) == Ok(place),
        _ => true,
    };
    blocks
        .filter(|(place, _)| is_it(*place))
        .filter_map(|(_, one)| one.get("name")?.as_str())
        .map(|name| format!("{own}/{segment}/{name}"))
        .collect()
}
