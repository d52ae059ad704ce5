//! What can be asked of access control lists.

use highwater_scenario::cluster::acl::{Action, Operation, Principal, ResourceType, WILDCARD};

use super::{Arguments, Look, Unmet, Value};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_acls(&self, name: &str, with: &Arguments<'_>) -> Option<Result<Value, Unmet>> {
        match name {
            "acls" => {
                let wanted = with.may_text(0);
                let is_about = |principal: &Principal| {
                    wanted.as_ref().is_none_or(|wanted| *wanted == principal.to_string())
                };
                let all = self.view.acls.iter();
                let count = all.filter(|acl| is_about(&acl.entry.principal)).count();
                Some(Ok(Value::Number(count as i64)))
            }
            "may" => Some(self.may(with)),
            _ => None,
        }
    }

    fn may(&self, with: &Arguments<'_>) -> Result<Value, Unmet> {
        let unknown = |what: String| Unmet::new(Reason::NotSo).with("what", what);
        let Some(authorizer) = &self.view.authorizer else { return Ok(Value::Truth(true)) };
        let principal = Principal::parse(&with.text(0)).map_err(unknown)?;
        let operation = with.text(1);
        let operation = Operation::named(&operation).ok_or_else(|| unknown(operation))?;
        let kind = with.text(2);
        let is_it = |known: &&ResourceType| known.name().eq_ignore_ascii_case(&kind);
        let resource = ResourceType::ALL.iter().find(is_it).copied();
        let resource = resource.ok_or_else(|| unknown(kind.clone()))?;
        let name = with.text(3);
        // No client has this address: entries for single hosts say nothing of it.
        let action =
            Action { principal: &principal, host: WILDCARD, operation, resource, name: &name };
        let ruling = authorizer.authorize(self.view.acls.iter(), &action);
        Ok(Value::Truth(ruling.is_allowed()))
    }
}
