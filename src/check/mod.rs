//! Checks the deployment.toml files of 3.x and 4.x: what the product would ignore, misread or refuse, and where the
//! nodes of a deployment contradict each other.
//!
//! ```text
//! INPUT ─ read ─▶ nodes, by deployment ─ CHECKS ─▶ diagnostics ─ report ─▶ text, JSON, SARIF
//! ```
//!
//! Each check is a plain function on read nodes and the catalog of keys; [`CHECKS`] lists them with what they find
//! and why it matters. An `error` is only what stops the server or silently makes another one of it. Nothing is
//! printed here, and no file is changed.

mod across;
mod file;
mod node;
pub mod read;
pub mod report;
mod standard;

use crate::diagnostic::{Code, Finding, Severity};
pub use crate::excerpt::Excerpt;
use crate::mapping::tables::Tables;
pub use node::Node;
pub use standard::Standard;

/// What was found at one place.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The code, severity, message, node and place.
    pub finding: Finding,
    /// The line that it is about, secrets masked; none for a finding about a whole file.
    pub excerpt: Option<Excerpt>,
    /// How many characters of its line it is about, from its place on; none for a finding about a whole file.
    pub length: Option<usize>,
    /// What to do about it here.
    pub help: String,
    /// Places that belong to it, each with what stands there.
    pub related: Vec<(String, crate::source::Place)>,
}

impl Diagnostic {
    /// The same with advice of its own.
    #[must_use]
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same with another place that belongs to it.
    #[must_use]
    fn related(mut self, what: impl Into<String>, place: crate::source::Place) -> Self {
        self.related.push((what.into(), place));
        self
    }

    /// The same with another severity than its code's.
    #[must_use]
    fn severity(mut self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }
}

/// One thing that is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The code of what it finds.
    pub code: Code,
    /// What it looks for.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Severity and help here, if the migration raises the same code with others.
    shared: Option<(Severity, &'static str)>,
    run: Run,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// Each node by itself.
    Node(fn(&Node<'_>, &Tables) -> Vec<Diagnostic>),
    /// The nodes of a deployment together.
    Deployment(fn(&[Node<'_>], &Tables) -> Vec<Diagnostic>),
}

impl Check {
    /// How much it matters, unless a finding says otherwise.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.shared.map_or_else(|| self.code.severity(), |(severity, _)| severity)
    }

    /// What to do about it, in general.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.shared.map_or_else(|| self.code.help(), |(_, help)| help)
    }

    /// Whether the migration raises the same code.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Whether it looks at several nodes together.
    #[must_use]
    pub fn across_nodes(&self) -> bool {
        matches!(self.run, Run::Deployment(_))
    }

    const fn node(
        code: Code,
        what: &'static str,
        why: &'static str,
        run: fn(&Node<'_>, &Tables) -> Vec<Diagnostic>,
    ) -> Self {
        Self { code, what, why, shared: None, run: Run::Node(run) }
    }

    const fn deployment(
        code: Code,
        what: &'static str,
        why: &'static str,
        run: fn(&[Node<'_>], &Tables) -> Vec<Diagnostic>,
    ) -> Self {
        Self { code, what, why, shared: None, run: Run::Deployment(run) }
    }

    /// The migration raises the code too, and means something else to be done.
    const fn shared(self, severity: Severity, help: &'static str) -> Self {
        Self { shared: Some((severity, help)), ..self }
    }
}

/// All checks, in the order in which they are documented.
pub const CHECKS: &[Check] = &[
    Check::node(
        Code::ConfigurationDamaged,
        "the file is no TOML",
        "The product refuses the whole file.",
        file::form::damaged,
    )
    .shared(Severity::Error, "correct it; the other checks of this file wait until then"),
    Check::node(
        Code::EncodingRefused,
        "a byte order mark, or UTF-16",
        "The product reads UTF-8 and refuses the mark, or the first byte, as no TOML.",
        file::form::encoding_refused,
    )
    .shared(Severity::Error, "save the file as UTF-8 without a byte order mark"),
    Check::node(
        Code::EncodingGuessed,
        "bytes that are not UTF-8",
        "The product reads each of them as U+FFFD, so that a name or password is another one.",
        file::form::encoding_guessed,
    )
    .shared(Severity::Warning, "save the file as UTF-8: the product reads other bytes as U+FFFD"),
    Check::node(
        Code::DuplicateKey,
        "a table or key that stands twice",
        "The product refuses the whole file.",
        file::form::twice,
    ),
    Check::node(
        Code::TomlTooNew,
        "TOML that is younger than the product's reader",
        "The product reads TOML 0.5 and refuses the whole file.",
        file::form::too_new,
    ),
    Check::node(
        Code::ParentAfterChild,
        "a table below one of its own subtables",
        "TOML allows it, the product's mapper overflows its stack.",
        file::form::parent_after_child,
    ),
    Check::node(
        Code::QuoteInKey,
        "a key with a quote in it",
        "The product's mapper rewrites quotes around keys and stops at one inside.",
        file::form::quote_in_key,
    ),
    Check::node(
        Code::MultiLineText,
        "a text over several lines",
        "The product keeps the line breaks, even those that TOML drops behind a backslash.",
        file::form::multi_line,
    ),
    Check::node(
        Code::SecretsNotLast,
        "a table below `[secrets]`",
        "The cipher tool writes the file anew and loses what stands there.",
        file::form::secrets_not_last,
    ),
    Check::node(
        Code::DeadKey,
        "a key that no version reads",
        "The product accepts any key in silence, so that a slip of the pen goes unseen.",
        file::keys::dead,
    )
    .shared(Severity::Warning, "remove the key, or write the one that was meant"),
    Check::node(
        Code::RetiredKey,
        "a key that only older versions read",
        "The product ignores it in silence.",
        file::keys::retired,
    ),
    Check::node(
        Code::NewerKey,
        "a key that only newer versions read",
        "The product ignores it in silence.",
        file::keys::newer,
    ),
    Check::node(
        Code::SwallowedKey,
        "a key below an array of tables that belongs above it",
        "What stands below `[[a]]`, or in `[a.b]` behind it, belongs to the last entry of `a`: the product does not find \
         it where it looks.",
        file::keys::swallowed,
    ),
    Check::node(
        Code::TableForm,
        "a table where an array of tables must stand, or the reverse",
        "The product passes over the whole table in silence.",
        file::keys::table_form,
    ),
    Check::node(
        Code::BreaksTheProduct,
        "a key that breaks a rendered file whatever its value",
        "A fault in the product's own templates: the server does not start.",
        file::keys::breaking,
    )
    .shared(Severity::Error, "remove the key"),
    Check::node(
        Code::KeyOfAnotherProfile,
        "a key that another profile reads",
        "It does nothing on this node, and the node that it was meant for goes without.",
        file::profiles::of_another_profile,
    ),
    Check::node(
        Code::WrongType,
        "a value of a type that the product cannot take",
        "The mapper crashes, or writes a file that cannot be read.",
        file::types::refused,
    ),
    Check::node(
        Code::QuotedBoolean,
        "a boolean in quotes where only a real one counts",
        "The template compares with true: a text is never equal to it.",
        file::types::quoted_boolean,
    ),
    Check::node(
        Code::DoubtfulType,
        "a value that is written, but not of the kind that the key takes",
        "The product writes it as it stands (a list as `[a, b]`), and whoever reads the file takes a default.",
        file::types::doubtful,
    ),
    Check::node(
        Code::OffsetUnusable,
        "a port offset that is no number, or beyond all ports",
        "The server opens its ports at its usual numbers and the offset: it does not start where one does not exist.",
        file::types::offset,
    ),
    Check::node(
        Code::UnknownWord,
        "a word that the product does not know, where it knows a few",
        "A user store or encryption type stops the server; a role or a database type is passed over in silence.",
        file::words::unknown,
    ),
    Check::node(
        Code::UnescapedXml,
        "a bare `&`, `<` or quote in a value that lands in XML",
        "The mapper escapes nothing: the rendered file cannot be read.",
        file::texts::unescaped,
    ),
    Check::node(
        Code::TemplateExecuted,
        "`{{ … }}` or `{% … %}` in a value",
        "The mapper looks at what it has written once more as a template, and runs it.",
        file::texts::executed,
    ),
    Check::node(
        Code::TemplateMark,
        "a mark of a deployment tool that is not filled in",
        "Fine as long as the tool fills it before the server sees the file.",
        file::texts::marks,
    )
    .shared(
        Severity::Notice,
        "fill the mark before the server starts: the product would print nothing for it, or stop",
    ),
    Check::node(
        Code::RefWithoutTarget,
        "`$ref{…}` to a key that is not there",
        "The server does not start.",
        file::references::without_target,
    ),
    Check::node(
        Code::RefInArray,
        "`$ref{…}` inside an array of tables",
        "The mapper resolves it in plain tables only; the text itself becomes the value.",
        file::references::in_array,
    ),
    Check::node(
        Code::RefCircle,
        "`$ref{…}` that lead back to where they began",
        "The server does not start.",
        file::references::circle,
    ),
    Check::node(
        Code::SecretWithoutAlias,
        "`$secret{…}` without its alias below `[secrets]`",
        "The server does not start.",
        file::references::secret_without_alias,
    ),
    Check::node(
        Code::DataSourceMissing,
        "a data source that no table of the file makes",
        "The user store, or what else names it, does not start; old names are gone in 4.x (`jdbc/WSO2UM_DB` is `jdbc/SHARED_DB`).",
        file::data_sources::missing,
    )
    .shared(Severity::Error, "name one of the server's own, or add a `[[datasource]]` with that `id`"),
    Check::node(
        Code::RequiredKeyMissing,
        "a key without which the product does not start, or not as meant",
        "The shipped file has it, and this file takes its place.",
        file::required::missing,
    ),
    Check::node(
        Code::UrlGroupsDoNotPair,
        "a url group with more receivers than authentication addresses, or the reverse",
        "Each receiver has its authentication address at the same place of the other list.",
        file::groups::unpaired,
    )
    .shared(Severity::Warning, "write as many addresses in one list as in the other"),
    Check::deployment(
        Code::LabelWithoutEnvironment,
        "a gateway label that no environment is called by, and an environment that no gateway serves",
        "The gateway takes the APIs of the environments that its labels name, and no others.",
        across::labels::without_environment,
    )
    .shared(Severity::Warning, "give the gateway the name of an environment, or define the environment"),
    Check::deployment(
        Code::EndpointWithoutNode,
        "an address that is meant for a node of the deployment, with a host or port that none has",
        "Events, decisions or keys go nowhere; a balancer's or a mapped address is fine, if it is one.",
        across::endpoints::without_node,
    ),
    Check::deployment(
        Code::UrlGroupsDiffer,
        "url groups that do not list the same nodes on all sides",
        "A traffic manager or event hub that one node feeds and another does not counts only a part.",
        across::url_groups::differ,
    ),
    Check::deployment(
        Code::EncryptionKeysDiffer,
        "encryption keys that must be the same and are not",
        "What one node writes to the shared database the other cannot read.",
        across::shared::encryption,
    ),
    Check::deployment(
        Code::KeyStoresDiffer,
        "key stores of twins that differ in alias or type",
        "Tokens that one signs the other's consumers do not accept.",
        across::shared::key_stores,
    ),
    Check::deployment(
        Code::CredentialsDiffer,
        "the super admin, event hub or broker user that one node has with another password elsewhere",
        "The node is refused: it gets no APIs, keys or decisions.",
        across::credentials::differ,
    ),
    Check::deployment(
        Code::DatabasesDiffer,
        "databases that must be the same and are not",
        "The nodes do not see each other's APIs, users or keys.",
        across::databases::differ,
    )
    .shared(Severity::Error, "give the nodes of a deployment the same database"),
    Check::deployment(
        Code::UserStoresDiffer,
        "user stores that differ between nodes",
        "A user who may log in at one node is unknown at the other.",
        across::databases::user_stores,
    ),
];

/// Runs all checks on the nodes of one deployment; what was found is in the order of files and places.
#[must_use]
pub fn check(nodes: &[Node<'_>], tables: &Tables) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in CHECKS {
        match check.run {
            Run::Node(run) => found.extend(nodes.iter().flat_map(|node| run(node, tables))),
            Run::Deployment(run) => found.extend(run(nodes, tables)),
        }
    }
    let known = node::known(nodes);
    for diagnostic in &mut found {
        diagnostic.finding.message = known.clean(&diagnostic.finding.message);
        diagnostic.help = known.clean(&diagnostic.help);
        for (what, _) in &mut diagnostic.related {
            *what = known.clean(what);
        }
        if let Some(excerpt) = &mut diagnostic.excerpt {
            *excerpt = excerpt.covered(&known);
        }
    }
    let order = |diagnostic: &Diagnostic| {
        let file =
            |place: &crate::source::Place| nodes.iter().position(|node| node.file == place.file).unwrap_or(usize::MAX);
        let place = diagnostic.finding.place.clone();
        (place.as_ref().map_or(usize::MAX, file), place, diagnostic.finding.code.text())
    };
    found.sort_by_cached_key(order);
    found
}

/// The code of a check by its text.
///
/// # Errors
/// The nearest codes, if there is no check with such a code.
pub fn code(text: &str) -> Result<Code, Vec<&'static str>> {
    let codes = || CHECKS.iter().map(|check| check.code);
    codes()
        .find(|code| code.text() == text)
        .ok_or_else(|| crate::mapping::nearest::nearest(text, codes().map(Code::text)))
}
