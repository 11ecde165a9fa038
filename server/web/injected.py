"""What a handler may ask for by name: `services`, `page`, and the caller as `staff`, `till`, `device` or `pass_id`.

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

ServicesGiven: TypeAlias = NamedDependency[SkipValidation[Services]]
SessionGiven: TypeAlias = NamedDependency[SkipValidation[Session]]
TillGiven: TypeAlias = NamedDependency[SkipValidation[Till]]
DeviceGiven: TypeAlias = NamedDependency[SkipValidation[Device]]
PassIdGiven: TypeAlias = NamedDependency[SkipValidation[PassId]]
PageGiven: TypeAlias = NamedDependency[SkipValidation[PageRequest]]
