//! What every part of the plan works on, with the questions that several of them ask.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use crate::diagnostic::{Code, Finding};
use crate::layout::OldNode;
use crate::mapping::tables::Tables;
use crate::mapping::{Fact, SettingId};
use crate::options::{Options, Placement};
use crate::role::{Profile, Role};
use crate::source::Place;
use crate::topology::source::host::{self, Url};
use crate::topology::source::{Address, Answers, Asked, Layout, SourceTopology};
use crate::value::Value;
use crate::version::Target;

use super::databases::Moved;
use super::groups::{Group, Said};
use super::plan::{Entry, Plan, Use};

/// The entries of arrays of tables: the array's key, and its entries by their names with their numbers.
pub type Entries = IndexMap<String, IndexMap<String, usize>>;

/// The plan in the making.
pub struct Context<'c, 'a> {
    /// The old nodes.
    pub nodes: &'c [OldNode<'a>],
    /// What they were to each other.
    pub source: &'c SourceTopology,
    /// The mapping tables.
    pub tables: &'c Tables,
    /// What was asked for.
    pub options: &'c Options,
    /// Answers to decisions.
    answers: &'c dyn Answers,
    /// Where the traffic manager stands.
    pub placement: Placement,
    /// The control plane's service name; `None` where there is no control plane of its own.
    pub control_plane: Option<Address>,
    /// How browsers reach it, where that is another address than the nodes use.
    pub public: Option<Address>,
    /// How other nodes reach one whose host name is only its public address.
    pub internal: BTreeMap<usize, Address>,
    /// The old nodes that control-plane nodes stand on, in the order of the target nodes.
    pub control_plane_on: Vec<usize>,
    /// The old nodes that traffic managers stand on, wherever those are now.
    pub traffic_managers_on: Vec<usize>,
    /// The addresses of control-plane nodes that leave the host of the old node that they stand for.
    pub moved: BTreeMap<usize, Address>,
    /// The receiver groups that nodes name, as far as they were read.
    pub groups: BTreeMap<usize, Option<Said<Vec<Group>>>>,
    /// The brokers that nodes name, as far as they were read.
    pub brokers: BTreeMap<usize, Option<Said<Vec<String>>>>,
    /// Where the old data sources went, and the names of those that were written as they are.
    pub data_sources: (Vec<Moved>, Vec<String>),
    /// The entries that the parts have written by number, so that what else old nodes say of them finds them.
    pub entries: Entries,
    /// The result.
    pub plan: Plan,
    names: Names,
    told: Told,
}

/// The names of the old nodes, as they are compared.
struct Names {
    /// Those of each node: its own address, then what its files call it.
    of: Vec<Vec<String>>,
    /// The first node whose own address a name is, and the first that calls itself so.
    first: IndexMap<String, (Option<usize>, usize), FxBuildHasher>,
}

impl Names {
    fn new(nodes: &[OldNode<'_>], source: &SourceTopology) -> Self {
        let mut names = Self { of: Vec::with_capacity(source.nodes.len()), first: IndexMap::default() };
        for (node, known) in source.nodes.iter().enumerate() {
            let facts = ["server.host-name", "server.mgt-host-name", "cluster.local-member-host"];
            let stated = facts.iter().filter_map(|fact| nodes[node].settings.value(fact));
            let all: Vec<String> =
                std::iter::once(known.own.host.as_str()).chain(stated).map(|name| source.aliases.key(name)).collect();
            for (place, name) in all.iter().enumerate() {
                let first = names.first.entry(name.clone()).or_insert((None, node));
                if place == 0 {
                    first.0.get_or_insert(node);
                }
            }
            names.of.push(all);
        }
        names
    }
}

/// What was found and asked already, so far as it was looked at.
#[derive(Default)]
struct Told {
    found: usize,
    places: IndexSet<(Code, Place, String), FxBuildHasher>,
    asked: usize,
    questions: IndexMap<(String, String), usize, FxBuildHasher>,
}

impl Told {
    /// Whether there is a finding of that kind and with those words at that place.
    fn has_found(&mut self, plan: &Plan, code: Code, place: &Place, message: &str) -> bool {
        let new = plan.findings[self.found.min(plan.findings.len())..].iter();
        self.places
            .extend(new.filter_map(|finding| Some((finding.code, finding.place.clone()?, finding.message.clone()))));
        self.found = plan.findings.len();
        self.places.contains(&(code, place.clone(), message.to_owned()))
    }

    /// The place of a question among those that were asked.
    fn question(&mut self, plan: &Plan, id: &str, about: &str) -> Option<usize> {
        for (place, asked) in plan.asked.iter().enumerate().skip(self.asked) {
            self.questions.entry((asked.id.clone(), asked.about.clone())).or_insert(place);
        }
        self.asked = plan.asked.len();
        self.questions.get(&(id.to_owned(), about.to_owned())).copied()
    }
}

/// The super admin's credentials, as the deployment has them.
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl<'c, 'a> Context<'c, 'a> {
    pub fn new(
        nodes: &'c [OldNode<'a>],
        source: &'c SourceTopology,
        tables: &'c Tables,
        options: &'c Options,
        answers: &'c dyn Answers,
    ) -> Self {
        Self {
            nodes,
            source,
            tables,
            options,
            answers,
            placement: Placement::Separate,
            control_plane: None,
            public: None,
            internal: BTreeMap::new(),
            control_plane_on: Vec::new(),
            traffic_managers_on: Vec::new(),
            moved: BTreeMap::new(),
            groups: BTreeMap::new(),
            brokers: BTreeMap::new(),
            data_sources: Default::default(),
            entries: [("event_handler", "userPostSelfRegistration"), ("event_listener", "token_revocation")]
                .map(|(array, name)| (array.to_owned(), IndexMap::from([(name.to_owned(), 0)])))
                .into(),
            plan: Plan::default(),
            names: Names::new(nodes, source),
            told: Told::default(),
        }
    }

    /// The target version.
    pub fn target(&self) -> Target {
        self.options.target
    }

    /// The old nodes that have the role, in natural order.
    pub fn with_role(&self, role: Role) -> Vec<usize> {
        (0..self.source.nodes.len()).filter(|node| self.source.nodes[*node].has(role)).collect()
    }

    /// Whether every node that counts is an all-in-one.
    pub fn is_all_in_one(&self) -> bool {
        matches!(self.source.layout, Layout::Single | Layout::ActiveActive)
    }

    /// The key manager's nodes, or what stands for them in `roles`, in the order of the roles.
    pub fn in_order(&self, roles: &[Role]) -> Vec<usize> {
        let all: Vec<usize> = (0..self.source.nodes.len()).collect();
        self.in_order_of(&all, roles)
    }

    /// As [`Self::in_order`], of some nodes.
    pub fn in_order_of(&self, nodes: &[usize], roles: &[Role]) -> Vec<usize> {
        let with = |role: Role| nodes.iter().copied().filter(move |node| self.source.nodes[*node].has(role));
        let mut found: IndexSet<usize, FxBuildHasher> = IndexSet::default();
        for role in roles {
            found.extend(with(*role).filter(|node| !self.is_retired(*node)));
        }
        found.extend(with(Role::AllInOne));
        found.into_iter().collect()
    }

    /// Whether no new node takes the place of a gateway manager: workers pull for themselves. It has no say in anything.
    pub fn is_retired(&self, node: usize) -> bool {
        self.source.nodes[node].roles == [Role::GatewayManager]
            && !self.plan.nodes.is_empty()
            && !self.plan.nodes.iter().any(|target| target.stands_on == Some(node))
    }

    /// The value of a fact of a node.
    pub fn value(&self, node: usize, fact: &str) -> Option<&'c str> {
        self.nodes[node].settings.value(fact)
    }

    /// A fact of a node.
    pub fn fact(&self, node: usize, name: &str) -> Option<&'c Fact<'a>> {
        self.nodes[node].settings.fact(name)
    }

    /// A fact of a node, if an administrator changed it.
    pub fn changed(&self, node: usize, name: &str) -> Option<&'c Fact<'a>> {
        self.fact(node, name).filter(|fact| fact.changed && !fact.value.is_empty())
    }

    /// The own host of a node, as it stands in a URL.
    pub fn host(&self, node: usize) -> String {
        let own = self.moved.get(&node).or(self.internal.get(&node)).unwrap_or(&self.source.nodes[node].own);
        bracketed(&own.host)
    }

    /// Whether nothing tells how others reach a node: `localhost` only stands for its address until it is answered.
    pub fn is_unknown(&self, node: usize) -> bool {
        let own = &self.source.nodes[node].own;
        let placed = self.moved.contains_key(&node) || self.internal.contains_key(&node);
        own.guessed && host::is_local(&own.host) && !placed
    }

    /// The port offset of a node.
    pub fn offset(&self, node: usize) -> i64 {
        self.nodes[node].offset()
    }

    /// The place of a leaf.
    pub fn place(&self, setting: SettingId) -> Place {
        self.nodes[setting.node as usize].place(setting.index)
    }

    /// Whether two hosts are one machine (C.1).
    pub fn same_host(&self, one: &str, other: &str) -> bool {
        self.source.aliases.same(one, other)
    }

    /// Whether `host` means the server itself, for a reader on `node`.
    pub fn is_local(&self, node: usize, name: &str) -> bool {
        host::is_local(name) || self.is_node(node, name)
    }

    /// Whether `name` is one of the names of `node` itself.
    pub fn is_node(&self, node: usize, name: &str) -> bool {
        let name = self.source.aliases.key(name);
        self.names.of[node].contains(&name)
    }

    /// The node that `name` means, if it is a node of the deployment. A name that twins share is the first's.
    pub fn node_named(&self, name: &str) -> Option<usize> {
        if let Some((own, stated)) = self.names.first.get(&self.source.aliases.key(name)) {
            return Some(own.unwrap_or(*stated));
        }
        // The service name of a role stands for its first node.
        let role = self.source.services.iter().find(|(_, address)| self.same_host(&address.host, name))?.0;
        (0..self.source.nodes.len()).find(|node| self.source.nodes[*node].has(*role))
    }

    /// Another node than `node` of the same host that opens `port`, which is `base` with its offset.
    pub fn neighbour(&self, node: usize, name: &str, port: u16, base: u16) -> Option<usize> {
        let name = self.source.aliases.key(name);
        let opens = |other: &usize| {
            *other != node && self.names.of[*other].contains(&name) && shift(base, self.offset(*other)) == port
        };
        (0..self.names.of.len()).find(opens)
    }

    /// The port of a URL as a number: a variable means the base port with the offset of the node that the host
    /// names, or of the reader if it names none (C.1).
    pub fn port(&self, reader: usize, url: &Url) -> PortOf {
        let Some(port) = &url.port else { return PortOf::Absent };
        let named = if self.is_local(reader, &url.host) { Some(reader) } else { self.node_named(&url.host) };
        match port.number(self.offset(named.unwrap_or(reader))) {
            Some(port) => PortOf::Number(port),
            None => PortOf::Opaque(port.written()),
        }
    }

    /// The super admin that all nodes get.
    pub fn super_admin(&self) -> Credentials {
        let text = |key: &str, default: &str| {
            self.plan
                .nodes
                .iter()
                .find_map(|node| node.entries.get(key))
                .map_or_else(|| default.to_owned(), |entry| entry.value.plain())
        };
        Credentials { username: text("super_admin.username", "admin"), password: text("super_admin.password", "admin") }
    }

    /// Whether a user name is the super admin's, in one of its spellings.
    pub fn is_admin_name(&self, value: &str) -> bool {
        matches!(value, "${admin.username}" | "$ref{super_admin.username}") || value == self.super_admin().username
    }

    /// Whether a password is the super admin's.
    pub fn is_admin_password(&self, value: &str) -> bool {
        matches!(value, "${admin.password}" | "$ref{super_admin.password}") || value == self.super_admin().password
    }

    /// The numbers of target nodes of a profile.
    pub fn targets(&self, profile: Profile) -> Vec<usize> {
        (0..self.plan.nodes.len()).filter(|node| self.plan.nodes[*node].profile == profile).collect()
    }

    /// The new nodes that hold a control plane: those of its profile, then the all-in-ones.
    pub fn control_planes(&self) -> Vec<usize> {
        [self.targets(Profile::ControlPlane), self.targets(Profile::AllInOne)].concat()
    }

    /// Writes a key, unless it stands already.
    pub fn set(&mut self, target: usize, key: impl Into<String>, entry: Entry) {
        self.plan.nodes[target].entries.entry(key.into()).or_insert(entry);
    }

    /// Writes a derived value, unless the key stands already.
    pub fn derive(&mut self, target: usize, key: impl Into<String>, value: impl Into<Value>, why: impl Into<String>) {
        self.set(target, key, Entry::derived(value.into(), why));
    }

    /// Says what becomes of a leaf that stands in no key. The first word counts.
    pub fn mark(&mut self, setting: SettingId, word: Use) {
        self.plan.uses.entry(setting).or_insert(word);
    }

    /// Says that a changed leaf was used: absorbed, with what it tells.
    pub fn absorb(&mut self, setting: SettingId, into: impl Into<String>) {
        self.mark(setting, Use::Absorbed(into.into()));
    }

    /// Raises a finding.
    pub fn find(&mut self, code: Code, message: impl Into<String>) -> &mut Finding {
        self.plan.findings.push(Finding::new(code, message));
        self.plan.findings.last_mut().expect("just pushed")
    }

    /// Raises a finding about a node, old or new.
    pub fn find_on(&mut self, code: Code, node: &str, message: impl Into<String>) {
        self.plan.findings.push(Finding::new(code, message).on(node));
    }

    /// Raises a finding at a leaf. Said again of the same leaf in the same words, it is one.
    pub fn find_at(&mut self, code: Code, setting: SettingId, message: impl Into<String>) {
        let (place, message) = (self.place(setting), message.into());
        let node = self.nodes[setting.node as usize].name.clone();
        if self.told.has_found(&self.plan, code, &place, &message) {
            return;
        }
        self.plan.findings.push(Finding::new(code, message).at(place).on(node));
    }

    /// Asks a decision and gives what holds: the answer, or `default`. Asked twice, the first asking stays.
    #[allow(clippy::needless_pass_by_value, reason = "a question is asked once, where it is made")]
    pub fn ask(&mut self, question: Question<'_>) -> String {
        if let Some(place) = self.told.question(&self.plan, question.id, question.about) {
            return self.plan.asked[place].chosen.clone();
        }
        let answer = self.answers.answer(question.id, question.about);
        let chosen = answer.clone().unwrap_or_else(|| question.default.to_owned());
        self.plan.asked.push(Asked {
            id: question.id.to_owned(),
            about: question.about.to_owned(),
            choices: question.choices.iter().map(ToString::to_string).collect(),
            default: question.default.to_owned(),
            chosen: chosen.clone(),
            open: question.open && answer.is_none(),
            answered: false,
            affects: question.affects.iter().map(ToString::to_string).collect(),
        });
        chosen
    }

    /// Whether the administrator answered a decision about the deployment.
    pub fn is_answered(&self, id: &str) -> bool {
        self.answers.answer(id, "").is_some()
    }

    /// What holds for a decision that was asked already.
    pub fn asked(&self, id: &str) -> Option<String> {
        self.plan.asked.iter().find(|asked| asked.id == id).map(|asked| asked.chosen.clone())
    }

    /// What a leaf says, as reports may show it.
    pub fn shown(&self, setting: SettingId) -> String {
        self.nodes[setting.node as usize].settings.settings[setting.index as usize].shown()
    }
}

/// A decision to ask.
#[derive(Default)]
pub struct Question<'q> {
    /// Its id.
    pub id: &'q str,
    /// What it is about, if there are several.
    pub about: &'q str,
    /// The choices.
    pub choices: &'q [&'q str],
    /// What holds without an answer.
    pub default: &'q str,
    /// A person must look if there is no answer.
    pub open: bool,
    /// What it affects.
    pub affects: &'q [&'q str],
}

/// The port of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortOf {
    /// The URL has none, and none is invented.
    Absent,
    /// A number.
    Number(u16),
    /// A variable that nobody knows: carried letter by letter.
    Opaque(String),
}

impl PortOf {
    /// `:port`, or nothing.
    pub fn suffix(&self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Number(port) => format!(":{port}"),
            Self::Opaque(text) => format!(":{text}"),
        }
    }
}

/// A host as it stands in a URL: an IPv6 address in brackets.
pub fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') && !host.contains('{') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// A base port with an offset; out of range, the base stays.
pub fn shift(base: u16, offset: i64) -> u16 {
    u16::try_from(i64::from(base) + offset).unwrap_or(base)
}
