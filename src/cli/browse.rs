//! `codebook browse`: the tree, the Alphabetic Index, the ICD-10-PCS tables, the modifiers.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use codebook::answers::{self, Released};
use codebook::browse::{Node, Place, browse, modifiers};
use codebook::index_walk::{IndexPlace, IndexWalk};
use codebook::lookup::Child;
use codebook::pcs_builder::{PcsStub, build_on};
use codesets::CodeSystem;
use serde::Serialize;

use super::options::{BundleOption, DateOption};
use super::{CliError, Outcome, bundles, output};

/// The arguments of `browse`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  codebook browse tree icd10cm
  codebook browse tree icd10cm E11
  codebook browse index diabetes, type 2, with
  codebook browse pcs 0DT
  codebook browse modifiers")]
pub(crate) struct BrowseArgs {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    date: DateOption,
    #[command(flatten)]
    bundle: BundleOption,
    /// Write the answer as JSON.
    #[arg(long, global = true)]
    json: bool,
}

/// What to look at.
#[derive(Debug, Subcommand)]
enum What {
    /// A chapter, section or code: what stands above, beside and below it.
    Tree {
        /// The system.
        #[arg(value_name = "SYSTEM")]
        system: CodeSystem,
        /// The code, the chapter's number or the section's range; without it, the chapters.
        #[arg(value_name = "CODE")]
        code: Option<String>,
    },
    /// The Alphabetic Index: a main term, or the beginning of one, and its subterms after commas.
    Index {
        /// The term.
        #[arg(value_name = "TERM", required = true)]
        term: Vec<String>,
        /// The system whose index it is.
        #[arg(long, value_name = "SYSTEM", default_value = "icd10cm")]
        system: CodeSystem,
    },
    /// The ICD-10-PCS tables: what the first characters say, and which may follow.
    Pcs {
        /// The first characters; without them, the sections.
        #[arg(value_name = "STUB", default_value = "")]
        stub: String,
    },
    /// The modifiers of HCPCS Level II.
    Modifiers,
}

pub(super) fn run(args: BrowseArgs) -> Result<Outcome, CliError> {
    let bundle = bundles::open(&args.bundle)?;
    let date = args.date.day();
    let mut out = io::stdout().lock();
    let release = |system| answers::releases(&bundle, &[system], date);
    let show = Show {
        json: args.json,
        out: &mut out,
    };
    match args.what {
        What::Tree { system, code } => {
            let place = browse(&bundle, system, code.as_deref(), date)?;
            show.answer(place, release(system), write_place)
        }
        What::Index { term, system } => {
            let walk = IndexWalk::new(&bundle);
            let found = walk.find(&bundle, system, &term.join(" "), date);
            let place = found.ok_or(codebook::browse::BrowseError::SystemNotLoaded(system))?;
            show.answer(place, release(system), write_index)
        }
        What::Pcs { stub } => {
            let stub = build_on(&bundle, &stub, date)?;
            show.answer(stub, release(CodeSystem::Icd10Pcs), write_pcs)
        }
        What::Modifiers => {
            let modifiers = modifiers(&bundle, date)?;
            show.answer(modifiers, release(CodeSystem::Hcpcs), |out, modifiers| {
                for modifier in modifiers {
                    writeln!(out, "{}  {}", modifier.code, modifier.display)?;
                }
                Ok(())
            })
        }
    }
}

/// A list by its name, as JSON objects hold it.
#[derive(Serialize)]
struct Answer<T> {
    result: T,
}

struct Show<'a> {
    json: bool,
    out: &'a mut dyn Write,
}

impl Show<'_> {
    fn answer<T: Serialize>(
        self,
        result: T,
        release: answers::Releases,
        write: impl FnOnce(&mut dyn Write, &T) -> Result<(), CliError>,
    ) -> Result<Outcome, CliError> {
        if self.json {
            let answer = Answer { result };
            output::json(self.out, &Released { answer, release })?;
        } else {
            write(self.out, &result)?;
            output::answered_by(self.out, &release)?;
        }
        Ok(Outcome::Done)
    }
}

fn write_node(out: &mut dyn Write, depth: usize, node: &Node) -> Result<(), CliError> {
    let Node { code, display, .. } = node;
    let below = match (node.billable, node.children) {
        (true, 0) => "billable".to_owned(),
        (_, count) => format!("{count} below"),
    };
    writeln!(
        out,
        "{:indent$}{code:<9} {below:<10} {display}",
        "",
        indent = 2 * depth
    )?;
    Ok(())
}

fn write_place(out: &mut dyn Write, place: &Place) -> Result<(), CliError> {
    for (depth, node) in place.ancestors.iter().enumerate() {
        write_node(out, depth, node)?;
    }
    let mut depth = place.ancestors.len();
    if let Some(node) = &place.node {
        write_node(out, depth, node)?;
        depth += 1;
    }
    for node in &place.children {
        write_node(out, depth, node)?;
    }
    if place.node.is_some() && place.siblings.len() > 1 {
        let codes: Vec<&str> = place
            .siblings
            .iter()
            .map(|node| node.code.as_str())
            .collect();
        writeln!(out, "\nbeside it: {}", codes.join(" "))?;
    }
    Ok(())
}

fn write_codes(out: &mut dyn Write, indent: usize, codes: &[Child]) -> Result<(), CliError> {
    for child in codes {
        writeln!(out, "{:indent$}{:<9} {}", "", child.code, child.display)?;
    }
    Ok(())
}

fn write_index(out: &mut dyn Write, place: &IndexPlace) -> Result<(), CliError> {
    if let Some(term) = &place.term {
        writeln!(out, "{term}")?;
        write_codes(out, 4, &place.codes)?;
    }
    for line in &place.below {
        let below = match line.lines_below {
            0 => String::new(),
            count => format!("  ({count} below)"),
        };
        writeln!(out, "- {}{below}", line.term)?;
        write_codes(out, 4, &line.codes)?;
    }
    if place.term.is_none() && place.below.is_empty() {
        writeln!(out, "no such term in the Index")?;
    }
    Ok(())
}

fn write_pcs(out: &mut dyn Write, stub: &PcsStub) -> Result<(), CliError> {
    for meaning in &stub.characters {
        writeln!(
            out,
            "{}  {}: {}",
            meaning.character, meaning.axis, meaning.label
        )?;
    }
    if let Some(display) = &stub.display {
        writeln!(out, "\n{}  {display}", stub.stub)?;
    }
    if let Some(next) = &stub.next {
        writeln!(out, "\ncharacter {}, {}:", next.position, next.axis)?;
        for value in &next.values {
            writeln!(out, "  {}  {}", value.code, value.meaning.label)?;
            if !value.meaning.definition.is_empty() {
                writeln!(out, "           {}", value.meaning.definition)?;
            }
        }
    }
    Ok(())
}
