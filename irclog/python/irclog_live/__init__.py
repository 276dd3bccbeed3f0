"""The command-line tool irclog, installed as a wheel."""

import os
import sys
import sysconfig

__all__ = ["find_irclog"]


def find_irclog() -> str:
    """Says where the command is that was installed with this package."""
    name = "irclog" + (sysconfig.get_config_var("EXE") or "")
    folders = [sysconfig.get_path("scripts")]
    # `pip install --user`, and `pip install --target`.
    folders.append(sysconfig.get_path("scripts", scheme=_user_scheme()))
    package = os.path.dirname(os.path.abspath(__file__))
    folders.append(os.path.join(os.path.dirname(package), "bin"))
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    looked = ", ".join(folders)
    raise FileNotFoundError(f"there is no {name} in any of {looked}")


def _user_scheme() -> str:
    if sys.version_info >= (3, 10):
        return sysconfig.get_preferred_scheme("user")
    return "nt_user" if os.name == "nt" else "posix_user"
