"""A slice comes out of its MATLAB file upright, with label, patient and mask; a file that lacks one is refused."""

import io

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtransfer.data.prepare.decode import UndecodableError
from medtransfer.data.prepare.matlab import read_slice
from medtransfer.settings.datasets import Matlab
from tests.data.archives import MATLAB, write_mat

IMAGE = np.random.default_rng(0).permutation(8 * 12).reshape(8, 12).astype(np.int16) * 10  # 8 rows, 12 columns
MASK = np.zeros((8, 12), bool)
MASK[1:3, 7:11] = True
WHOLE = write_mat(IMAGE, 2, "100360", MASK)


def changed(**fields: NDArray) -> bytes:
    """The file with other values in places of `cjdata`."""
    buffer = io.BytesIO(WHOLE)
    with h5py.File(buffer, "r+") as file:
        for name, values in fields.items():
            del file["cjdata"][name]
            file["cjdata"][name] = values
    return buffer.getvalue()


def refusal(content: bytes, places: Matlab = MATLAB) -> str:
    with pytest.raises(UndecodableError) as caught:
        read_slice(content, places)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_stand_in_is_laid_out_as_matlab_does_it() -> None:
    assert WHOLE.startswith(b"MATLAB 7.3 MAT-file")
    assert WHOLE[512:520] == b"\x89HDF\r\n\x1a\n"
    with h5py.File(io.BytesIO(WHOLE)) as file:
        assert file["cjdata/image"].shape == (12, 8)  # columns first


def test_a_slice_has_its_image_the_right_way_round_and_all_else() -> None:
    scan = read_slice(WHOLE, MATLAB)
    assert scan.image.mode == "L"
    assert scan.image.size == (12, 8)
    np.testing.assert_array_equal(np.asarray(scan.image), np.rint(IMAGE * (255 / 950)))
    assert (scan.label, scan.patient) == ("2", "100360")
    assert scan.mask is not None
    np.testing.assert_array_equal(scan.mask, MASK)


def test_what_is_not_asked_for_is_empty() -> None:
    scan = read_slice(
        write_mat(IMAGE, without=["PID", "tumorMask"]), Matlab(image="cjdata/image", label="cjdata/label")
    )
    assert scan.patient == ""
    assert scan.mask is None


def test_a_mask_without_a_lesion_is_none() -> None:
    assert read_slice(write_mat(IMAGE), MATLAB).mask is None


@pytest.mark.parametrize(("label", "text"), [(1, "1"), (3.0, "3"), (2.5, "2.5"), (-1, "-1")])
def test_a_label_is_written_without_needless_decimals(label: float, text: str) -> None:
    assert read_slice(write_mat(IMAGE, label), MATLAB).label == text


@pytest.mark.parametrize("patient", ["MR017260F", "97", "Ärztin 7", "9\u4e2d", "\U0001f9e0"])
def test_a_patient_is_any_text(patient: str) -> None:
    codes = np.frombuffer(patient.encode("utf-16-le"), np.uint16)
    assert read_slice(changed(PID=codes.reshape(-1, 1)), MATLAB).patient == patient


def test_a_patient_may_be_a_number() -> None:
    assert read_slice(changed(PID=np.array([[77.0]])), MATLAB).patient == "77"


def test_a_patient_of_broken_characters_is_refused() -> None:
    assert refusal(changed(PID=np.array([[0xD83E], [0x41]], np.uint16)))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, np.float64])
def test_an_image_of_any_numbers_is_stretched(kind: type[np.number]) -> None:
    image = np.array([[0, 40, 100], [20, 80, 100]], kind)
    scan = read_slice(changed(image=image.T), MATLAB)
    assert np.asarray(scan.image).tolist() == [[0, 102, 255], [51, 204, 255]]


@pytest.mark.parametrize("name", ["image", "label", "PID", "tumorMask"])
def test_a_missing_part_is_named(name: str) -> None:
    assert refusal(write_mat(IMAGE, without=[name])) == f"holds no cjdata/{name}"


def test_a_folder_is_no_part() -> None:
    assert refusal(WHOLE, MATLAB.model_copy(update={"image": "cjdata"})) == "holds no cjdata"


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.zeros((2, 3, 4)), "cjdata/image is no picture: float64 of 2 x 3 x 4"),
        (np.zeros(7), "cjdata/image is no picture: float64 of 7"),
        (np.float64(7), "cjdata/image is no picture"),
        (np.zeros((0, 3)), "cjdata/image is no picture: float64 of 0 x 3"),
        (np.full((2, 2), b"ab"), "cjdata/image is no picture"),
        (np.full((2, 2), 1j), "cjdata/image is no picture"),
        (np.full((2, 2), np.nan), "holds values that are no numbers"),
    ],
)
def test_an_image_of_the_wrong_kind_is_refused(image: NDArray, reason: str) -> None:
    assert refusal(changed(image=image)).startswith(reason)


def test_a_mask_of_the_wrong_kind_is_refused() -> None:
    assert refusal(changed(tumorMask=np.zeros(3))).startswith("cjdata/tumorMask is no picture")


def test_a_label_that_is_no_word_or_number_is_refused() -> None:
    assert refusal(changed(label=np.zeros((40, 40)))) == "cjdata/label is neither a word nor a number: 1,600 values"
    assert refusal(changed(label=np.full((1, 1), b"ab")))


def test_an_image_that_claims_too_many_values_is_refused_before_it_is_read() -> None:
    buffer = io.BytesIO(WHOLE)
    with h5py.File(buffer, "r+") as file:
        del file["cjdata/image"]
        file["cjdata"].create_dataset("image", (60_000, 60_000), np.int16, chunks=(100, 100))  # 7 GB, all of it absent
    assert refusal(buffer.getvalue()).startswith("claims 60000 x 60000 pixels")


@pytest.mark.parametrize(
    "content", [b"no MATLAB at all", WHOLE[:512], WHOLE[:-1000], b"MATLAB 5.0 MAT-file".ljust(4000), bytes(5000)]
)
def test_what_is_no_matlab_7_3_file_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("no MATLAB 7.3 file: ")


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "empty file"


@given(st.binary(min_size=1, max_size=40), st.integers(0, len(WHOLE)))
def test_mangled_files_are_read_or_say_why(noise: bytes, place: int) -> None:
    try:
        scan = read_slice(WHOLE[:place] + noise + WHOLE[place + len(noise) :], MATLAB)
    except UndecodableError as error:
        assert str(error)
        assert "\n" not in str(error)
    else:
        assert min(scan.image.size) > 0
        assert scan.patient.encode() is not None  # it will be written to a table


def test_long_numbers_stay_apart_and_whole_numbers_of_any_kind_are_labels() -> None:
    def text(value: object, kind: type[np.generic]) -> str:
        buffer = io.BytesIO()
        with h5py.File(buffer, "w") as file:
            file["image"] = np.ones((4, 4))
            file["label"] = np.array([[value]], kind)
            file["label"].attrs["MATLAB_class"] = np.bytes_(np.dtype(kind).name)
        return read_slice(buffer.getvalue(), Matlab(image="image", label="label")).label

    assert [text(number, np.float64) for number in (1234567, 1234568, 2.5)] == ["1234567", "1234568", "2.5"]
    assert text(1, np.uint16) == "1"
