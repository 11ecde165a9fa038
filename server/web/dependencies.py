"""What a handler may ask for by name: `services`, `page`, `days`; the caller as `staff`, `till`, `device`, `pass_id`.

They are made by us and validated by nobody again.
"""

from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from cards.apple_registration import PassId
from kit.pages import PageRequest
from members.device import Device
from programs.staff_repository import Session
from programs.tills_repository import Till
from server.web.services import Services
from visits.visit import Days

ServicesDependency: TypeAlias = NamedDependency[SkipValidation[Services]]
SessionDependency: TypeAlias = NamedDependency[SkipValidation[Session]]
TillDependency: TypeAlias = NamedDependency[SkipValidation[Till]]
DeviceDependency: TypeAlias = NamedDependency[SkipValidation[Device]]
PassIdDependency: TypeAlias = NamedDependency[SkipValidation[PassId]]
PageDependency: TypeAlias = NamedDependency[SkipValidation[PageRequest]]
DaysDependency: TypeAlias = NamedDependency[SkipValidation[Days]]
