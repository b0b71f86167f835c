"""What all sections of the file have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from config.readers import or_empty


class Section(BaseModel):
    """Frozen, and closed: a key that it does not know is a mistake, because a typing error must not be silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_written(cls, value: Any) -> Any:
        return or_empty(value)
