//! The home of an unpacked product: what it is, and where its mapper and tables are.

use std::path::{Path, PathBuf};

use super::NodeFile;
use crate::role::Profile;
use crate::version::{Target, Version};

/// Which pack a home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// The one pack of all profiles.
    AllInOne,
    /// From 4.5 on: the control plane's own.
    ControlPlane,
    /// From 4.5 on: the gateway's own.
    Gateway,
    /// From 4.5 on: the traffic manager's own.
    TrafficManager,
}

impl Distribution {
    /// Its name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::AllInOne => "the API Manager",
            Self::ControlPlane => "the API Control Plane",
            Self::Gateway => "the Universal Gateway",
            Self::TrafficManager => "the Traffic Manager",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        [
            ("api manager", Self::AllInOne),
            ("control plane", Self::ControlPlane),
            ("gateway", Self::Gateway),
            ("traffic manager", Self::TrafficManager),
        ]
        .into_iter()
        .find_map(|(word, distribution)| name.contains(word).then_some(distribution))
    }
}

/// A product's home.
#[derive(Clone, Debug)]
pub struct Product {
    /// Where it is.
    pub home: PathBuf,
    /// For which nodes the command line gives it; `None` is for all that have none of their own.
    pub profile: Option<Profile>,
    /// Its name by `bin/version.txt`.
    pub name: String,
    /// Which pack it is, if its name tells.
    pub distribution: Option<Distribution>,
    /// Its version, if it tells.
    pub version: Option<Version>,
}

/// Why a product cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    /// It is no product.
    #[error("{}: no home of API-M: `{missing}` is not there; give --product the folder of the unpacked product", home.display())]
    NoProduct {
        /// What was given.
        home: PathBuf,
        /// What is missing.
        missing: &'static str,
    },
    /// It is a product of another version.
    #[error("{}: {name} does not fit the target {target}: give the product that the files are for", home.display())]
    OtherVersion {
        /// What was given.
        home: PathBuf,
        /// What it is.
        name: String,
        /// What was written for.
        target: Target,
    },
    /// Two homes for one profile.
    #[error("--product gives {0} twice")]
    Twice(String),
    /// No product is for the node.
    #[error(
        "{file}: no product given fits a node of the profile {profile}: add --product {profile}=HOME, with the home of {wanted}"
    )]
    NoneFits {
        /// The node's file.
        file: String,
        /// Its profile.
        profile: Profile,
        /// The pack that it is for.
        wanted: &'static str,
    },
}

/// Where a product's tables and templates are, below its home.
pub const RESOURCES: &str = "repository/resources/conf";

impl Product {
    /// Looks at a home.
    pub fn open(home: &Path, profile: Option<Profile>) -> Result<Self, ProductError> {
        for missing in ["lib", "repository/resources/conf/templates"] {
            if !home.join(missing).is_dir() {
                return Err(ProductError::NoProduct { home: home.to_owned(), missing });
            }
        }
        let told = std::fs::read_to_string(home.join("bin/version.txt")).unwrap_or_default();
        let told = told.trim();
        let (name, version) = match told.rsplit_once(" v") {
            Some((name, version)) => (format!("{name} {version}"), version.parse().ok()),
            None if told.is_empty() => ("a product of unknown version".to_owned(), None),
            None => (told.to_owned(), None),
        };
        Ok(Self { home: home.to_owned(), profile, distribution: Distribution::of(&name), name, version })
    }

    /// The folder of its tables and templates.
    #[must_use]
    pub fn resources(&self) -> PathBuf {
        self.home.join(RESOURCES)
    }
}

/// The number of the product that a node's file is proven with.
pub fn choose(products: &[Product], file: &NodeFile, target: Option<Target>) -> Result<usize, ProductError> {
    let own = products.iter().position(|product| product.profile.is_some() && product.profile == file.profile);
    let fits = |product: &Product| product.profile.is_none() && is_for(product, file, target);
    let Some(number) = own.or_else(|| products.iter().position(fits)) else {
        let profile = file.profile.unwrap_or(Profile::AllInOne);
        return Err(ProductError::NoneFits { file: file.path.clone(), profile, wanted: wanted(file, target).words() });
    };
    let product = &products[number];
    match (target, product.version) {
        (Some(target), Some(version)) if !serves(target, version) => {
            Err(ProductError::OtherVersion { home: product.home.clone(), name: product.name.clone(), target })
        }
        _ => Ok(number),
    }
}

fn is_for(product: &Product, file: &NodeFile, target: Option<Target>) -> bool {
    let known = target.is_some() && file.profile.is_some();
    product.distribution.is_none_or(|distribution| !known || distribution == wanted(file, target))
}

/// The pack that a node's file is for. A control plane of 4.5 and later whose file tells its role is an all-in-one
/// pack that serves as one (B.1).
fn wanted(file: &NodeFile, target: Option<Target>) -> Distribution {
    if !target.is_some_and(Target::separate_distributions) {
        return Distribution::AllInOne;
    }
    match file.profile {
        Some(Profile::GatewayWorker) => Distribution::Gateway,
        Some(Profile::TrafficManager) => Distribution::TrafficManager,
        Some(Profile::ControlPlane) if !file.text.contains("server_role = \"control-plane\"") => {
            Distribution::ControlPlane
        }
        _ => Distribution::AllInOne,
    }
}

/// Whether files for `target` are meant for a product of `version`.
fn serves(target: Target, version: Version) -> bool {
    let measured = target.measured();
    let (first, last) = (measured[0], measured[measured.len() - 1]);
    match target {
        // 4.3 was never measured.
        Target::V4_3 => version == Version::new(4, 3),
        _ => first <= version && version <= last,
    }
}
