//! A KRaft controller.

use crate::cluster_spec::ClusterSpec;
use crate::ctx::Ctx;
use crate::ids::ControllerId;
use crate::input::Input;
use crate::metadata::MetadataImage;
use crate::view::ControllerView;

/// A KRaft controller.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    id: ControllerId,
    image: MetadataImage,
}

impl Controller {
    pub(crate) fn new(id: ControllerId, _spec: &ClusterSpec) -> Self {
        Self { id, image: MetadataImage::default() }
    }

    pub(crate) fn handle(&mut self, _ctx: &mut Ctx<'_>, _input: Input) {}

    pub(crate) fn is_active(&self) -> bool {
        true
    }

    pub(crate) fn image(&self) -> &MetadataImage {
        &self.image
    }

    pub(crate) fn view(&self) -> ControllerView {
        unimplemented!("{}", self.id)
    }
}
