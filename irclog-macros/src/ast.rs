//! The type that is derived for, with its decisions.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Generics, Ident, LitStr, Member, Path, Type, parse_quote};

use crate::attr::{self, Mode, Place, Predicates, Spoken, Word};
use crate::errors::Errors;

pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) is_enum: bool,
    /// References to fields are not allowed.
    pub(crate) packed: bool,
    pub(crate) krate: Path,
    /// Bounds that the user gave in place of the inferred ones.
    pub(crate) bound: Option<Predicates>,
    pub(crate) all_secret: Option<TokenStream>,
    pub(crate) default_clear: Option<TokenStream>,
    /// A struct is one variant without a name of its own.
    pub(crate) variants: Vec<Variant<'a>>,
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) hidden: Option<TokenStream>,
    pub(crate) named: bool,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) modes: Vec<(Mode, TokenStream)>,
    pub(crate) label: Option<(LitStr, TokenStream)>,
    pub(crate) domain: Option<(LitStr, TokenStream)>,
    pub(crate) local: Option<TokenStream>,
}

impl<'a> Input<'a> {
    /// Parses what can be parsed; `None` only for a union.
    pub(crate) fn parse(input: &'a DeriveInput, errors: &Errors) -> Option<Self> {
        let mut parsed = Self {
            ident: &input.ident,
            generics: &input.generics,
            is_enum: matches!(input.data, Data::Enum(_)),
            packed: is_packed(input),
            krate: parse_quote!(::irclog),
            bound: None,
            all_secret: None,
            default_clear: None,
            variants: Vec::new(),
        };
        let mut krate = None;
        for Spoken { word, tokens } in attr::parse(&input.attrs, Place::Container, errors) {
            match word {
                Word::AllSecret => once(&mut parsed.all_secret, tokens.clone(), &tokens, errors),
                Word::DefaultClear => {
                    once(&mut parsed.default_clear, tokens.clone(), &tokens, errors);
                }
                Word::Bound(bound) => once(&mut parsed.bound, bound, &tokens, errors),
                Word::Crate(path) => once(&mut krate, path, &tokens, errors),
                _ => {}
            }
        }
        if let Some(path) = krate {
            parsed.krate = path;
        }
        match &input.data {
            Data::Struct(data) => parsed.variants.push(Variant {
                ident: &input.ident,
                hidden: None,
                named: matches!(data.fields, Fields::Named(_)),
                fields: fields(&data.fields, errors),
            }),
            Data::Enum(data) => {
                for variant in &data.variants {
                    let mut hidden = None;
                    for Spoken { word, tokens } in
                        attr::parse(&variant.attrs, Place::Variant, errors)
                    {
                        if matches!(word, Word::Name) {
                            once(&mut hidden, tokens.clone(), &tokens, errors);
                        }
                    }
                    parsed.variants.push(Variant {
                        ident: &variant.ident,
                        hidden,
                        named: matches!(variant.fields, Fields::Named(_)),
                        fields: fields(&variant.fields, errors),
                    });
                }
            }
            Data::Union(data) => {
                errors.push(syn::Error::new(
                    data.union_token.span,
                    "a union does not know which of its fields it holds: wrap it in a struct \
                     whose field is #[redact(secret)]",
                ));
                return None;
            }
        }
        Some(parsed)
    }

    /// The mode of a field, its own or that of the type.
    pub(crate) fn mode(&self, field: &Field<'_>) -> Option<Mode> {
        match field.modes.first() {
            Some((mode, _)) => Some(mode.clone()),
            None if self.all_secret.is_some() => Some(Mode::Secret),
            None if self.default_clear.is_some() => Some(Mode::Clear),
            None => None,
        }
    }
}

impl Field<'_> {
    /// The name as std's `Debug` prints it, without `r#`.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}

fn fields<'a>(fields: &'a Fields, errors: &Errors) -> Vec<Field<'a>> {
    fields
        .iter()
        .zip(fields.members())
        .map(|(field, member)| {
            let mut parsed = Field {
                member,
                ty: &field.ty,
                modes: Vec::new(),
                label: None,
                domain: None,
                local: None,
            };
            for Spoken { word, tokens } in attr::parse(&field.attrs, Place::Field, errors) {
                match word {
                    Word::Mode(mode) => parsed.modes.push((mode, tokens)),
                    Word::Label(text) => {
                        once(&mut parsed.label, (text, tokens.clone()), &tokens, errors);
                    }
                    Word::Domain(text) => {
                        once(&mut parsed.domain, (text, tokens.clone()), &tokens, errors);
                    }
                    Word::Local => once(&mut parsed.local, tokens.clone(), &tokens, errors),
                    _ => {}
                }
            }
            parsed
        })
        .collect()
}

fn once<T>(slot: &mut Option<T>, value: T, tokens: &TokenStream, errors: &Errors) {
    if slot.is_some() {
        errors.at(tokens, "written twice: leave one of them out");
    } else {
        *slot = Some(value);
    }
}

fn is_packed(input: &DeriveInput) -> bool {
    input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("repr"))
        .any(|attribute| {
            attribute
                .meta
                .require_list()
                .is_ok_and(|list| list.to_token_stream().to_string().contains("packed"))
        })
}
