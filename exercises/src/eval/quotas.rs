//! What can be asked of quotas of clients.

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
        let limit = self.view.quota_of(&client_id.as_str().into(), &key);
        let bytes = limit
            .map_or(-1, |limit| i64::try_from(limit.value.bytes_per_second()).unwrap_or(i64::MAX));
        Some(Ok(Value::Number(bytes)))
    }
}
