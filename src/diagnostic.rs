//! Findings: what a person must or may know, each with a code, a severity and a place.
//! Codes and severities are those of the specification, G.1; nothing is printed here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::excerpt::Excerpt;
use crate::source::Place;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The value is in doubt or cannot be written; exit code 2.
    Error,
    /// Behaviour or reach may change.
    Warning,
    /// Worth knowing.
    Notice,
}

impl Severity {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $severity:ident, $help:literal;)*) => {
        /// What is found: a stable code, the same in text, JSON and documentation. Codes are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "each code's help text says what it means")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code, in alphabetical order of the enum's listing.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code's stable text.
            #[must_use]
            pub fn text(self) -> &'static str { match self { $(Self::$variant => $text,)* } }

            /// The severity that the specification gives the code; a finding may be raised with another one.
            #[must_use]
            pub fn severity(self) -> Severity { match self { $(Self::$variant => Severity::$severity,)* } }

            /// What to do about it, in one sentence.
            #[must_use]
            pub fn help(self) -> &'static str { match self { $(Self::$variant => $help,)* } }
        }
    };
}

codes! {
    AccountsMerged = "accounts-merged", Notice, "it is one database: check that the account that is written may do what the others did";
    AddressGuessed = "address-guessed", Warning, "answer `node-address` with the host that others reach this node by";
    AmqpOptionsLost = "amqp-options-lost", Warning, "4.x writes fixed options; answer `amqp-verbatim` with yes to keep the whole text";
    AmqpQuotes = "amqp-quotes", Notice, "the text was read as meant; nothing needs to be done";
    AnalyticsGone = "analytics-gone", Warning, "choose the new analytics with the decision `analytics`";
    AnswerNotPossible = "answer-not-possible", Error, "the answer does not fit the nodes of the input: correct it";
    AuthManagerElsewhere = "auth-manager-elsewhere", Warning, "answer `identity-provider` if the portals shall log in somewhere else";
    BareUrlIgnored = "bare-url-ignored", Warning, "the old product ignored a URL beside braces; answer `bare-url` to choose";
    BaseBlockMissing = "base-block-missing", Notice, "add the keys if the node needs them";
    BlanksInSecret = "blanks-in-secret", Warning, "if the blank belongs to the password, write it into the new file, in quotes";
    BreaksTheProduct = "breaks-the-product", Error, "leave the key out: the target's mapper writes an unreadable file with it";
    BrokerListsDiffer = "broker-lists-differ", Warning, "answer `which-broker-list` with the node whose list holds";
    BrokerNeedsTls = "broker-needs-tls", Warning, "switch TLS on at every new broker (broker.transport.amqp.ssl_connection) and check the ports";
    CipherTextKept = "cipher-text-kept", Warning, "keep the old key store as the internal one of the new server, or encrypt the values anew with the cipher tool";
    ConfigurationDamaged = "configuration-damaged", Error, "mend the file or what keeps it from being read, and run again: nothing of it was used";
    ConfigurationMisnamed = "configuration-misnamed", Warning, "give the file the name and the place that a server has it in, and run again: nothing of it was used";
    CorsHeadersMissing = "cors-headers-missing", Warning, "add `apikey` and `Internal-Key` to apim.cors.allow_headers";
    CredentialsDiffer = "credentials-differ", Error, "give both nodes the same user and password";
    DataSourceMissing = "data-source-missing", Error, "give the file that has the data source, or name one of the new server's";
    DatabasesDiffer = "databases-differ", Error, "nodes of one deployment must share their databases: choose one";
    DeadKey = "dead-key", Notice, "the target ignores this key; it is left out";
    DecisionsSplit = "decisions-split", Warning, "answer `traffic-manager-groups` with one-per-node so that each traffic manager counts all";
    DefaultListReplaced = "default-list-replaced", Warning, "answer `replaced-access-control`: what an entry protects is open to everybody without it";
    DefaultPassword = "default-password", Warning, "choose a password of your own before the node is reachable";
    DoubtfulType = "doubtful-type", Warning, "write the value as the type that the key takes: the product writes it as it stands, and does not understand it later";
    DeploymentsNameEachOther = "deployments-name-each-other", Error, "if they are one deployment, run again with --together, or with the decision `together`";
    DeploymentTomlMissing = "deployment-toml-missing", Error, "give the home with its deployment.toml: the other files are written from it";
    DuplicateItem = "duplicate-item", Warning, "the list was written as it stood: remove the item that is there twice";
    DuplicateKey = "duplicate-key", Error, "keep one of the two: the product refuses the whole file";
    DuplicateSetting = "duplicate-setting", Notice, "the product reads only one of them; remove the others";
    EncodingGuessed = "encoding-guessed", Notice, "check letters outside ASCII in this file";
    EncodingRefused = "encoding-refused", Notice, "nothing needs to be done: the new file is UTF-8 without a mark; the product refuses the old one as it is";
    EncryptionKeysDiffer = "encryption-keys-differ", Error, "give all nodes that share a database the same encryption key";
    EndpointWithoutNode = "endpoint-without-node", Warning, "check the host and the port: no node that was given has them";
    EntryRepeated = "entry-repeated", Notice, "nothing need be done: the last one counts, as when the archive is unpacked";
    EnvironmentEndpointDerived = "environment-endpoint-derived", Notice, "check the public addresses of the gateway";
    EscapeMalformed = "escape-malformed", Warning, "the escape was read as written; the old product stops at it: check the value";
    ExplicitPortIgnoresOffset = "explicit-port-ignores-offset", Warning, "check the port: the node has an offset, the number has not";
    ExternalKeyManager = "external-key-manager", Warning, "register the key manager in the admin portal of the new control plane";
    ForeignConfiguration = "foreign-configuration", Error, "leave the file out of the INPUT, or give the right one: no key of it is API-M's";
    GatewayClusterLimitsPerNode = "gateway-cluster-limits-per-node", Warning, "limits that the cluster shared now count per gateway; answer `gateway-cluster-limits`";
    GatewayManagerRetired = "gateway-manager-retired", Notice, "4.x gateways pull their artifacts: the node is not needed any more";
    H2NotMigrated = "h2-not-migrated", Notice, "an H2 file of 2.x cannot be opened by 4.x: export and import, or use a real database";
    HostNamesUnchecked = "host-names-unchecked", Warning, "the gateway takes a backend's certificate whatever host it names; leave the setting out once the certificates are right";
    InsideHome = "inside-home", Notice, "what lies in a server's home is a part of it: to convert it, give it as an INPUT of its own";
    InputNotRead = "input-not-read", Error, "make it readable and run again: what of it was not read was not used";
    JmsUrlUnused = "jms-url-unused", Notice, "the connection factory does not use the URL; nothing was taken from it";
    KeyOfAnotherProfile = "key-of-another-profile", Warning, "move the key to a node of the profile that reads it";
    KeyStoresDiffer = "key-stores-differ", Warning, "give the nodes of one profile key stores with the same keys";
    KeyValidatorUnknown = "key-validator-unknown", Warning, "the client type is not one of the product's: check what it did";
    LabelWithoutEnvironment = "label-without-environment", Warning, "give the gateway the name of an environment, or define the environment";
    LimitReached = "limit-reached", Error, "give less: take out what is no configuration, or split the file or the input; or raise the limit with `--limit`";
    ListenerOnGateway = "listener-on-gateway", Warning, "token revocation is the control plane's: the listener was dropped here";
    LoggingByHand = "logging-by-hand", Warning, "write the quoted lines anew in log4j2.properties, if they are still wanted";
    LoggingDiffers = "logging-differs", Warning, "merged nodes logged differently: check what the new node shall log";
    MisplacedElement = "misplaced-element", Notice, "the element was read as if it stood at its right place";
    MisspeltKey = "misspelt-key", Notice, "the key was read as the one that was meant";
    MixedVersions = "mixed-versions", Warning, "nodes of one deployment have different versions: check that they belong together";
    MoreThanTwoTwins = "more-than-two-twins", Warning, "each node copies its events to one twin only: check the ring";
    MultiLineText = "multi-line-text", Warning, "write the text on one line: the product keeps every line break, also behind a backslash";
    MayBeCopy = "may-be-copy", Warning, "leave out the one that is a copy, and run again; true twins need nothing";
    NewerKey = "newer-key", Warning, "remove the key, or run a version that reads it";
    NodeSetAside = "node-set-aside", Notice, "the node is another product; see the reason";
    NodesUnrelated = "nodes-unrelated", Notice, "each was taken as a deployment of its own; answer `grouping` if they belong together";
    OldPath = "old-path", Warning, "move what lies there to the new server, and change the path";
    OffsetUnusable = "offset-unusable", Error, "give the port offset as a whole number with which every port is one that exists";
    OldCopy = "old-copy", Notice, "no server reads the copy: nothing was taken from it";
    OutputLeft = "output-left", Warning, "remove the file if no server uses it; `convert --force` does so too";
    OwnOutput = "own-output", Notice, "give it as an INPUT of its own to convert it again";
    ParentAfterChild = "parent-after-child", Error, "move the parent table above the first of its subtables: the product's mapper crashes otherwise";
    PasswordNeedsEscaping = "password-needs-escaping", Error, "choose a password of letters, digits and - _ . for this value";
    PlaceholderHost = "placeholder-host", Error, "answer `host:<placeholder>` with the real host";
    PlainSecret = "plain-secret", Notice, "encrypt the values with the cipher tool and `$secret{alias}`";
    PortVariableOfAnotherNode = "port-variable-of-another-node", Warning, "the variable resolved to the reader's port; check the number";
    QuoteInKey = "quote-in-key", Error, "leave the key out: the product's mapper cannot read a key with a quote in it";
    QuotedBoolean = "quoted-boolean", Error, "write true or false without quotes: in quotes either acts as false";
    RefCircle = "ref-circle", Error, "write the value itself at one of the places: the server does not start otherwise";
    RefInArray = "ref-in-array", Error, "write the value itself, or `${admin.username}` and `${admin.password}`: the product leaves `$ref{…}` as it stands inside `[[…]]`";
    RefWithoutTarget = "ref-without-target", Error, "name a key of this file or one that has a default: the server does not start otherwise";
    ReferenceInText = "reference-in-text", Error, "choose another value: the product fills `$env{…}` and its like, or does not start for want of what they name";
    RenamedKey = "renamed-key", Notice, "the setting was written under its new name";
    RenderedFileDiffers = "rendered-file-differs", Warning, "the server writes the file anew from deployment.toml at each start: set there what shall hold";
    RequiredKeyMissing = "required-key-missing", Error, "add the key";
    RetiredKey = "retired-key", Warning, "remove the key, or write what took its place";
    RoleDisputed = "role-disputed", Warning, "answer `node-role` if the role is wrong";
    RoleIsTheDistribution = "role-is-the-distribution", Notice, "install the distribution of this profile; its files all say `default`";
    RoleOutsideInput = "role-outside-input", Error, "give the configuration of that node too, as one deployment: a folder with all nodes, or several INPUTs with --together";
    RoleWeaklyFounded = "role-weakly-founded", Warning, "answer `node-role` to confirm the role";
    SecretWithoutAlias = "secret-without-alias", Error, "add the alias below `[secrets]`: the server does not start otherwise";
    SecretsNotLast = "secrets-not-last", Warning, "move `[secrets]` to the end of the file: the cipher tool loses what stands below it";
    SetOnUnusedNode = "set-on-unused-node", Warning, "the node never read this setting: set it by hand if it was meant for another";
    SourceVersionNotSupported = "source-version-not-supported", Error, "only deployments of 2.0 or later are converted: bring an older one to 2.0 or later first";
    StrayText = "stray-text", Notice, "text beside elements is ignored by the product";
    SwallowedKey = "swallowed-key", Error, "move the key above the array of tables, into the table that it was meant for";
    TableForm = "table-form", Error, "write the brackets that the product reads: `[a]` for a table, `[[a]]` for an entry of an array of tables";
    TemplateExecuted = "template-executed", Error, "write it between `{% raw %}` and `{% endraw %}`: the product runs it otherwise";
    TargetTooOld = "target-too-old", Error, "give --target with the version of the source, or a later one";
    TemplateMark = "template-mark", Warning, "fill the mark before the server starts: the tool that fills it must run on the new file too";
    TemplateNotRendered = "template-not-rendered", Error, "render it, and give the files that come out: nothing of it was used";
    ThriftReceiver = "thrift-receiver", Warning, "the receiver's ports must be those of the Thrift receiver";
    TierThrottlingGone = "tier-throttling-gone", Warning, "advanced throttling is always on: recreate the limits as policies";
    TokenEndpointMoves = "token-endpoint-moves", Warning, "clients that call /token or /revoke at the gateway must use /oauth2/… of the control plane";
    TomlTooNew = "toml-too-new", Error, "write it in the older form: the product refuses the whole file";
    TopicRenamed = "topic-renamed", Warning, "the topic's name is fixed in 4.x";
    TwinsDiffer = "twins-differ", Warning, "twins should say the same: check which value was meant";
    TwinNamesItself = "twin-names-itself", Warning, "give each twin the address of the other one: answer `node-address` for each";
    TwoAddresses = "two-addresses", Warning, "check both addresses; answer `control-plane-address` with one for all";
    TwoNodesOneHost = "two-nodes-one-host", Warning, "two nodes stand on one host: their offsets must differ";
    UnescapedXml = "unescaped-xml", Error, "write `&amp;` for `&`, `&lt;` for `<` and, in an attribute, `&quot;` for a quote";
    UnknownFile = "unknown-file", Notice, "decide whether the file is to be copied";
    UnknownWord = "unknown-word", Error, "write one of the words that the product knows";
    UrlGroupDerived = "url-group-derived", Notice, "the group was made from the traffic managers found; check it";
    UrlGroupInDataPublisher = "url-group-in-data-publisher", Notice, "2.2 and later read the group below TrafficManager only; answer `data-publisher-group`";
    UrlGroupMixed = "url-group-mixed", Error, "answer `url-group-mixed`: a group either balances or fails over";
    UrlGroupScheme = "url-group-scheme", Warning, "receivers speak tcp, authentication speaks ssl: check the schemes";
    UrlGroupTypeDiffers = "url-group-type-differs", Warning, "the receiver's type was used for both";
    UrlGroupsDiffer = "url-groups-differ", Warning, "list the same nodes on all sides";
    UrlGroupsDoNotPair = "url-groups-do-not-pair", Warning, "check the authentication address of each receiver";
    UserStoresDiffer = "user-stores-differ", Error, "give all nodes of the deployment the same user store";
    ValueAssumed = "value-assumed", Warning, "no file gives this value: answer the decision named";
    ValueEscaped = "value-escaped", Notice, "the characters were written as entities, since the product escapes nothing: check the value";
    ValueTypeChanged = "value-type-changed", Notice, "the value was written in the type that the target's mapper takes";
    ValueUnreadable = "value-unreadable", Error, "correct the value in the old file, or set the new key by hand";
    VariableResolved = "variable-resolved", Notice, "the variable's value was written in its place";
    VariableUnknown = "variable-unknown", Warning, "nothing in the input gives the variable a value";
    VersionPassedOver = "version-passed-over", Warning, "remove what an older server left in the folder; if it counts, leave deployment.toml out";
    VersionNotKnown = "version-not-known", Error, "give the version that it is with --source-version, if it is one of these";
    VersionNameDiffers = "version-name-differs", Notice, "if the name is right, give the version with --source-version";
    VersionGuessed = "version-guessed", Warning, "give the version with --source-version";
    WebsubNotConfigured = "websub-not-configured", Notice, "4.x gateways also have WebSub ports (9021, 8021): configure them if needed";
    WrongType = "wrong-type", Error, "write a value of the type that the product takes";
    XmlIllegalName = "xml-illegal-name", Error, "the element's name is not legal XML: remove it";
    XmlRepaired = "xml-repaired", Warning, "the file was not well-formed here and was read as meant; check the value";
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let texts: Vec<&str> = Self::ALL.iter().map(|code| code.text()).collect();
        schemars::json_schema!({ "type": "string", "enum": texts })
    }
}

/// One finding. The message says what was found; secrets in it are masked already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub code: Code,
    /// How much it matters here.
    pub severity: Severity,
    /// What was found, lower case, without a full stop.
    pub message: String,
    /// The node that it is about, if it is about one.
    pub node: Option<String>,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// The line there, where reading stopped at it.
    pub excerpt: Option<Box<Excerpt>>,
}

impl Finding {
    /// A finding of the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), message: message.into(), node: None, place: None, excerpt: None }
    }

    /// The same finding about `node`.
    #[must_use]
    pub fn on(mut self, node: impl Into<String>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// The same finding at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same finding about `file`, at the position that it has.
    #[must_use]
    pub fn of_file(self, file: &str) -> Self {
        let place =
            self.place.clone().map_or_else(|| Place::file(file), |place| Place { file: file.to_owned(), ..place });
        self.at(place)
    }

    /// The same finding with another severity.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// `1 node`, `2 nodes`.
#[must_use]
pub fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
