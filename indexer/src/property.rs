//! What publishers say of codes beside their words.

/// What a property is about. The number in a bundle is the place in [`Property::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// What the concept is within its system: `modifier`, `extension`, `residual`.
    Kind,
    /// Exempt from reporting whether it was present on admission.
    PoaExempt,
    /// The day it was added or became valid.
    Added,
    /// The last day it may be used.
    LastDay,
    /// What the release did to it, with the publisher's letter.
    Action,
    /// The day from which that action holds.
    ActionEffective,
    /// Whether Medicare covers it, with the publisher's letter.
    Coverage,
    /// The Berenson-Eggers Type of Service.
    Betos,
    /// CMS's types of service.
    TypeOfService,
    /// How Medicare prices it.
    Pricing,
    /// Whether several pricing methods may apply.
    MultiplePricing,
    /// Sections of the Coverage Issues Manual.
    CoverageManual,
    /// Sections of the Medicare Carriers Manual.
    CarriersManual,
    /// The statute that coverage rests on.
    Statute,
    /// Certifications of laboratories that may perform it.
    LaboratoryCertification,
    /// Codes that replace it or answer to it.
    CrossReference,
    /// The group of ambulatory surgical centres, and its first day.
    AscGroup,
    /// The outpatient payment group, its indicator and its first day.
    OppsGroup,
    /// The number of a processing note.
    ProcessingNote,
    /// Anaesthesia base units.
    AnesthesiaUnits,
    /// WHO's identifier that does not change between releases.
    FoundationUri,
    /// WHO's identifier in the release.
    LinearizationUri,
    /// WHO's coding note.
    CodingNote,
    /// The identifier of a concept in the file it came from.
    ConceptId,
    /// The class or domain in the file it came from.
    Class,
}

impl Property {
    /// Every property; never reordered, because bundles store the place.
    pub const ALL: [Property; 25] = [
        Property::Kind,
        Property::PoaExempt,
        Property::Added,
        Property::LastDay,
        Property::Action,
        Property::ActionEffective,
        Property::Coverage,
        Property::Betos,
        Property::TypeOfService,
        Property::Pricing,
        Property::MultiplePricing,
        Property::CoverageManual,
        Property::CarriersManual,
        Property::Statute,
        Property::LaboratoryCertification,
        Property::CrossReference,
        Property::AscGroup,
        Property::OppsGroup,
        Property::ProcessingNote,
        Property::AnesthesiaUnits,
        Property::FoundationUri,
        Property::LinearizationUri,
        Property::CodingNote,
        Property::ConceptId,
        Property::Class,
    ];

    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Property::Kind => "kind",
            Property::PoaExempt => "poa_exempt",
            Property::Added => "added",
            Property::LastDay => "last_day",
            Property::Action => "action",
            Property::ActionEffective => "action_effective",
            Property::Coverage => "coverage",
            Property::Betos => "betos",
            Property::TypeOfService => "type_of_service",
            Property::Pricing => "pricing",
            Property::MultiplePricing => "multiple_pricing",
            Property::CoverageManual => "coverage_manual",
            Property::CarriersManual => "carriers_manual",
            Property::Statute => "statute",
            Property::LaboratoryCertification => "laboratory_certification",
            Property::CrossReference => "cross_reference",
            Property::AscGroup => "asc_group",
            Property::OppsGroup => "opps_group",
            Property::ProcessingNote => "processing_note",
            Property::AnesthesiaUnits => "anesthesia_units",
            Property::FoundationUri => "foundation_uri",
            Property::LinearizationUri => "linearization_uri",
            Property::CodingNote => "coding_note",
            Property::ConceptId => "concept_id",
            Property::Class => "class",
        }
    }
}
