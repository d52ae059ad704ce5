//! What can be asked of quotas of clients.

use highwater_scenario::cluster::acl::Principal;

use super::{Arguments, Look, Unmet, Value};

impl Look<'_> {
    pub(super) fn of_quotas(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        if name != "quota" {
            return None;
        }
        let (client_id, key) = (with.text(0), with.text(1));
        // A client's id is its name unless it was given another.
        let mut clients = self.view.clients();
        let client = clients.find(|(_, name, _)| ***name == *client_id).map(|(id, ..)| id);
        let user = client.map_or_else(Principal::anonymous, |id| self.view.principal_of(id));
        let limit = self.view.quota_of(&user, &client_id.as_str().into(), &key);
        let bytes = limit
            .map_or(-1, |limit| i64::try_from(limit.value.bytes_per_second()).unwrap_or(i64::MAX));
        Some(Ok(Value::Number(bytes)))
    }
}
