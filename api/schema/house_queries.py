"""The root fields of those who keep the catalogue and run the house, in one class."""

from api.schema.catalogue import CatalogueQueries
from api.schema.descriptions import graphql_type
from api.schema.families import FamilyQueries
from api.schema.family_rehearsal import FamilyRehearsalQueries
from api.schema.health import HealthQueries
from api.schema.publications import PublicationQueries
from api.schema.recent_changes import RecentChangeQueries
from api.schema.rehearsal import RehearsalQueries
from api.schema.replays import ReplayQueries
from api.schema.search import SearchQueries
from api.schema.settings import SettingQueries
from api.schema.translations import TranslationQueries
from api.schema.uses import UseQueries
from api.schema.variant_matrix import VariantMatrixQueries
from api.schema.views import ViewQueries


@graphql_type
class HouseQueries(
    SearchQueries,
    CatalogueQueries,
    FamilyQueries,
    FamilyRehearsalQueries,
    PublicationQueries,
    RecentChangeQueries,
    HealthQueries,
    SettingQueries,
    ReplayQueries,
    UseQueries,
    RehearsalQueries,
    ViewQueries,
    TranslationQueries,
    VariantMatrixQueries,
):
    """What the house asks of itself."""
