//! The words for what nodes do: roles of old nodes, profiles of new ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an old node did (A.1 of the specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Issues and validates tokens, holds the user store.
    KeyManager,
    /// API publisher, with the admin application.
    Publisher,
    /// API store or developer portal.
    Store,
    /// Counts requests and decides on throttling.
    TrafficManager,
    /// Receives pushed artifacts for the workers (2.0 to 2.6).
    GatewayManager,
    /// Serves API traffic.
    GatewayWorker,
    /// Everything in one server.
    AllInOne,
    /// Key manager, publisher and developer portal of 4.x.
    ControlPlane,
    /// WSO2 Identity Server in the place of the key manager.
    IsAsKm,
    /// API-M analytics, DAS, Stream Processor.
    Analytics,
    /// The on-premise (micro) gateway.
    MicroGateway,
    /// Another integration product (MI, EI, SI, BPS).
    Integrator,
}

impl Role {
    /// The word of the specification.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KeyManager => "key-manager",
            Self::Publisher => "publisher",
            Self::Store => "store",
            Self::TrafficManager => "traffic-manager",
            Self::GatewayManager => "gateway-manager",
            Self::GatewayWorker => "gateway-worker",
            Self::AllInOne => "all-in-one",
            Self::ControlPlane => "control-plane",
            Self::IsAsKm => "is-as-km",
            Self::Analytics => "analytics",
            Self::MicroGateway => "micro-gateway",
            Self::Integrator => "integrator",
        }
    }

    /// Whether the role goes into the control plane (the traffic manager by decision, and not counted here).
    #[must_use]
    pub fn in_control_plane(self) -> bool {
        matches!(self, Self::KeyManager | Self::Publisher | Self::Store | Self::ControlPlane)
    }

    /// Whether the node is another product that is set aside.
    #[must_use]
    pub fn is_set_aside(self) -> bool {
        matches!(self, Self::IsAsKm | Self::Analytics | Self::MicroGateway | Self::Integrator)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.word())
    }
}

/// What a new node does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Key manager, publisher, developer portal, and the traffic manager unless it is separate.
    ControlPlane,
    /// Serves API traffic.
    GatewayWorker,
    /// Decides on throttling.
    TrafficManager,
    /// Everything in one server.
    AllInOne,
}

impl Profile {
    /// The word of the specification, also the name of the node's folder.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ControlPlane => "control-plane",
            Self::GatewayWorker => "gateway-worker",
            Self::TrafficManager => "traffic-manager",
            Self::AllInOne => "all-in-one",
        }
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.word())
    }
}
