"""A model is found by its bytes at every place, and a directory only as the exact set."""

from aigf_dvc.images.find import find_file, find_folder
from aigf_dvc.images.read import read_image
from tests.images.builder import Images, digest_of, file, folder, hard_link, symlink, tar

WANTED = {"weights": digest_of(b"w"), "sub/vocabulary": digest_of(b"v")}


def test_a_file_is_found_at_every_path_that_has_its_bytes() -> None:
    images = Images()
    base = tar(file("z/m", b"m"), file("gone/m", b"m"), file("other", b"n"))
    top = tar(hard_link("copy", "z/m"), symlink("alias", "z/m"), file(".wh.gone"))
    (image,) = read_image(images, images.image(base, top)).platforms
    assert find_file(image.files, digest_of(b"m")) == ("/copy", "/z/m")
    assert find_file(image.files, digest_of(b"x")) == ()


def test_a_directory_is_found_only_as_the_exact_set_of_its_files() -> None:
    images = Images()
    good = [file("net/weights", b"w"), file("net/sub/vocabulary", b"v"), folder("net/empty")]
    linked = [symlink("linked/weights", "/blobs/1"), file("linked/sub/vocabulary", b"v"),
              file("blobs/1", b"w")]  # fmt: skip
    more = [file("more/weights", b"w"), file("more/sub/vocabulary", b"v"), file("more/x", b"x")]
    less = [file("less/sub/vocabulary", b"v")]
    odd = [file("odd/sub/vocabulary", b"v"), symlink("odd/x", "nowhere")]
    changed = [file("changed/weights", b"w"), file("changed/sub/vocabulary", b"x")]
    renamed = [file("renamed/weight", b"w"), file("renamed/sub/vocabulary", b"v")]
    out = [symlink("out/weights", "/nowhere"), file("out/sub/vocabulary", b"v")]
    to_folder = [file("to/weights", b"w"), symlink("to/sub", "/net/sub")]
    layer = tar(*good, *linked, *more, *less, *odd, *changed, *renamed, *out, *to_folder)
    (image,) = read_image(images, images.image(layer)).platforms
    assert find_folder(image.files, WANTED) == ("/linked", "/net")


def test_a_later_layer_that_adds_to_a_directory_makes_it_another() -> None:
    images = Images()
    base = tar(file("net/weights", b"w"), file("net/sub/vocabulary", b"v"))
    added = tar(file("net/sub/extra", b"x"))
    digest = images.image(base, added)
    (image,) = read_image(images, digest).platforms
    assert find_folder(image.files, WANTED) == ()
    (image,) = read_image(
        images, images.image(base, added, tar(file("net/sub/.wh.extra")))
    ).platforms
    assert find_folder(image.files, WANTED) == ("/net",)
