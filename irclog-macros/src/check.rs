//! Decisions that contradict each other.

use proc_macro2::TokenStream;

use crate::ast::{Field, Input, Variant};
use crate::attr::Mode;
use crate::errors::Errors;

/// Notes every contradiction, on the word that came second.
pub(crate) fn check(input: &Input<'_>, errors: &Errors) {
    if let (Some(_), Some(default)) = (&input.all_secret, &input.default_clear) {
        errors.at(
            default,
            "`default = clear` contradicts `all = secret`: leave one of them out",
        );
    }
    for variant in &input.variants {
        for field in &variant.fields {
            one_mode(field, errors);
            belongings(input, field, errors);
            if variant.hidden.is_some() {
                hidden_too(variant, field, errors);
            }
        }
    }
}

fn one_mode(field: &Field<'_>, errors: &Errors) {
    let Some(((first, _), others)) = field.modes.split_first() else {
        return;
    };
    for (other, tokens) in others {
        let (first, other) = (first.name(), other.name());
        if first == other {
            errors.at(tokens, "written twice: leave one of them out");
        } else {
            errors.at(
                tokens,
                format!("`{other}` contradicts `{first}`: leave one of them out"),
            );
        }
    }
}

fn belongings(input: &Input<'_>, field: &Field<'_>, errors: &Errors) {
    let mode = input.mode(field);
    if let Some((_, tokens)) = &field.label
        && !matches!(mode, Some(Mode::Secret))
    {
        errors.at(
            tokens,
            "`label` belongs to `secret`: write `secret, label = ...`",
        );
    }
    if let Some((_, tokens)) = &field.domain
        && !matches!(mode, Some(Mode::Token))
    {
        errors.at(
            tokens,
            "`domain` belongs to `token`: write `token, domain = ...`",
        );
    }
    if let Some(tokens) = &field.local {
        local(mode.as_ref(), tokens, errors);
    }
}

fn local(mode: Option<&Mode>, tokens: &TokenStream, errors: &Errors) {
    match mode {
        Some(Mode::Secret | Mode::Keep { .. } | Mode::Token | Mode::With(_)) => {}
        Some(mode @ (Mode::Public | Mode::Clear)) => errors.at(
            tokens,
            format!(
                "`local` contradicts `{}`, which shows the field everywhere: leave one of them \
                 out",
                mode.name()
            ),
        ),
        Some(Mode::Skip) => errors.at(
            tokens,
            "`local` contradicts `skip`, which shows the field nowhere: write `secret, local`",
        ),
        None => errors.at(
            tokens,
            "`local` shows the field on a local console; say also what others see: write \
             `secret, local`",
        ),
    }
}

fn hidden_too(variant: &Variant<'_>, field: &Field<'_>, errors: &Errors) {
    for (mode, tokens) in &field.modes {
        if !matches!(mode, Mode::Secret | Mode::Skip) {
            errors.at(
                tokens,
                format!(
                    "`{}` contradicts #[redact(name)] on the variant `{}`, whose fields would \
                     tell which it is: leave one of them out",
                    mode.name(),
                    variant.ident
                ),
            );
        }
    }
}
