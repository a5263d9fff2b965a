//! Moves old WSO2 API Manager deployments to the profiles of the new one.
//!
//! Data flows one way; each stage is a plain function on plain types:
//!
//! ```text
//! INPUT ─ read ─▶ leaves ─ layout ─▶ nodes ─ mapping ─▶ sayings and facts ─ topology ─▶ plan ─ emit ─▶ files
//!                                                                               └─ ledger, verify, report ─▶ what was done
//! ```
//!
//! * [`read`]: bytes in, leaves with their places out; no meaning.
//! * [`layout`]: which files make a node, and of which version it is.
//! * [`mapping`]: what the tables in `mappings/` say of each leaf: keys and values (*sayings*), and named values
//!   that the topology works with (*facts*). Knows no other node. The keys of a deployment.toml speak for themselves
//!   where no row does.
//! * [`topology`]: first the old deployment (roles with their evidence, twins, own and service names), then the
//!   new one (target nodes, merges with their conflicts, connections, databases): a plan, key by key.
//! * [`logging`]: what the old `log4j.properties` add, in log4j2's form, beside the keys of the plan.
//! * [`ledger`]: exactly one outcome for each leaf, derived from what the plan took; [`fates`]: one for each old node.
//! * [`emit`]: the plan as text, new or as a change of an old file, and whole-file writes. [`verify`]: what the product
//!   itself makes of the files.
//! * [`product`]: a product's tables and templates, and its mapper's steps with them, for [`verify`] without Java and for
//!   [`mod@audit`], which compares them with ours.
//! * [`knowledge`]: what the tables know, for a person who asks.
//! * [`mod@checklist`]: what is left to a person. [`report`]: one model, seen as text, JSON or checklist.
//! * [`check`] looks at deployment.toml files of 3.x and 4.x, and goes a way of its own: read, then a list of checks.
//! * [`guard`] keeps a bug of ours to the piece of work that has it.
//! * [`text`] takes texts apart without a panic, [`secret`] knows what is secret and [`foreign`] how any text of the input is shown: every border asks them.
//! * [`decision`] asks and [`cli`] answers to the administrator; [`pipeline`] joins the stages.
pub mod audit;
pub mod check;
pub mod checklist;
pub mod cli;
pub mod cut;
pub mod decision;
pub mod diagnostic;
pub mod emit;
pub mod excerpt;
pub mod fates;
pub mod foreign;
pub mod guard;
pub mod json;
pub mod knowledge;
pub mod layout;
pub mod ledger;
pub mod limits;
pub mod logging;
pub mod mapping;
pub mod migration;
pub mod options;
pub mod pipeline;
pub mod product;
pub mod read;
pub mod report;
pub mod role;
pub mod secret;
pub mod source;
pub mod text;
pub mod topology;
pub mod value;
pub mod verify;
pub mod version;

pub use pipeline::{MigrateError, migrate};
