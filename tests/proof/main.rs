//! The proof: the command before a small product of our own, and, where `APIM_PRODUCT_HOME` names real ones (several,
//! with colons between them), the promises of the mapping rows and all deployments at hand before these.

mod own_product;
mod plumbing;

use libtest_mimic::Arguments;

fn main() {
    let arguments = Arguments::from_args();
    let trials = plumbing::trials();
    libtest_mimic::run(&arguments, trials).exit();
}
