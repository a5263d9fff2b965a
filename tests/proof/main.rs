//! The proof: the command before a small product of our own, and, where `APIM_PRODUCT_HOME` names real ones (several,
//! with colons between them), the promises of the mapping rows and all deployments at hand before these, and their tables
//! read without Java against their mappers.

mod deployments;
mod own_product;
mod planted;
mod plumbing;
mod products;
mod rows;
mod statically;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let releases = products::releases();
    let figures = deployments::Figures::default();
    let mut trials = plumbing::trials();
    trials.extend(rows::trials(&releases));
    trials.extend(planted::trials(&releases));
    trials.extend(deployments::trials(&releases, &figures));
    trials.extend(statically::trials(&releases));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list && !releases.is_empty() {
        println!("{}", deployments::table(&figures));
    }
    conclusion.exit();
}
