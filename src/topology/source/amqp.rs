//! AMQP connection URLs (C.5).

/// A broker of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broker {
    /// `tcp` or `ssl`.
    pub scheme: String,
    /// The host.
    pub host: String,
    /// The port, if given.
    pub port: Option<String>,
    /// Its options.
    pub options: Vec<(String, String)>,
}

/// A connection URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amqp {
    /// User.
    pub user: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Client id.
    pub client_id: Option<String>,
    /// Virtual host.
    pub virtual_host: Option<String>,
    /// Options but the broker list.
    pub options: Vec<(String, String)>,
    /// Brokers, in order.
    pub brokers: Vec<Broker>,
    /// A closing quote was missing.
    pub repaired_quotes: bool,
}

/// Reads a URL.
#[must_use]
pub fn parse(_text: &str) -> Option<Amqp> {
    None
}
