//! The real products that `APIM_PRODUCT_HOME` names, by version.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use apim_migrate::verify::{Product, Prover};
use apim_migrate::version::{Target, Version};

/// The packs of one version, and the mappers that run for them.
pub struct Release {
    /// The version.
    pub version: Version,
    /// Its packs: one, or from 4.5 on one for each distribution.
    pub products: Vec<Product>,
    /// The mappers. A test keeps them for itself while it runs.
    pub prover: Mutex<Prover>,
    /// The same by the products' tables and templates, without Java.
    pub reader: Mutex<Prover>,
}

/// The releases at hand; a name that is no product stops the tests.
pub fn releases() -> Vec<Arc<Release>> {
    let told = std::env::var_os("APIM_PRODUCT_HOME").unwrap_or_default();
    let mut found: BTreeMap<Version, Vec<Product>> = BTreeMap::new();
    for home in std::env::split_paths(&told).filter(|home| *home != PathBuf::new()) {
        let product = Product::open(&home, None).unwrap_or_else(|error| panic!("APIM_PRODUCT_HOME: {error}"));
        let version = product.version.unwrap_or_else(|| panic!("{}: tells no version", home.display()));
        found.entry(version).or_default().push(product);
    }
    found
        .into_iter()
        .map(|(version, products)| {
            let prover = Prover::new().unwrap_or_else(|error| panic!("{error}"));
            let reader = Mutex::new(Prover::without_java());
            Arc::new(Release { version, products, prover: Mutex::new(prover), reader })
        })
        .collect()
}

/// What is written for a version: for itself, and for `current` if that serves it.
pub fn targets(version: Version) -> Vec<Target> {
    let all = [
        Target::V4_0,
        Target::V4_1,
        Target::V4_2,
        Target::V4_3,
        Target::V4_4,
        Target::V4_5,
        Target::V4_6,
        Target::Current,
    ];
    all.into_iter()
        .filter(|target| match target {
            Target::V4_3 => version == Version::new(4, 3),
            target => target.measured().contains(&version),
        })
        .collect()
}
