/* The phantom's study as one Enhanced MR object, one function a module or functional group. */
#include "dicom/write-mr.h"

#include <vector>

namespace dkm {

namespace {

std::string image_type(const MrObject &object)
{
    const MrDerived *derived = mr_derived(object.places[0].kind);
    return derived ? std::string(derived->image_type) + "\\NONE" : "ORIGINAL\\PRIMARY\\T1\\NONE";
}

void identity(const MrStudy &study, const MrObject &object, DcmItem &d)
{
    const std::string index = std::to_string(object.series);
    const MrDerived *derived = mr_derived(object.places[0].kind);
    const std::string name = object.series ? "enhanced image " + index : "enhanced image";
    const guint first = object.places[0].phase;
    set(d, DCM_SOPClassUID, UID_EnhancedMRImageStorage);
    set(d, DCM_SOPInstanceUID, study.uid(name).c_str());
    study.patient_and_study(d);
    study.equipment(d, "DKM", "Enhanced phantom");
    set(d, DCM_Modality, "MR");
    set(d, DCM_SeriesInstanceUID, study.uid("series " + index).c_str());
    set_number(d, DCM_SeriesNumber, 7 + object.series);
    set(d, DCM_SeriesDescription, derived ? derived->description : "Dynamic, multi-frame");
    set(d, DCM_SeriesDate, study.date.c_str());
    set(d, DCM_SeriesTime, study.clock(first).c_str());
    set(d, DCM_InstanceNumber, "1");
    set(d, DCM_ContentDate, study.date.c_str());
    set(d, DCM_ContentTime, study.clock(first).c_str());
}

void enhanced_image(const MrStudy &study, const MrObject &object, DcmItem &d)
{
    const std::string when = study.date + study.clock(object.places[0].phase);
    set(d, DCM_ImageType, image_type(object).c_str());
    set(d, DCM_PixelPresentation, "MONOCHROME");
    set(d, DCM_VolumetricProperties, "VOLUME");
    set(d, DCM_VolumeBasedCalculationTechnique, "NONE");
    set(d, DCM_ComplexImageComponent, "MAGNITUDE");
    set(d, DCM_AcquisitionContrast, "T1");
    set(d, DCM_AcquisitionNumber, "1");
    set(d, DCM_AcquisitionDateTime, when.c_str());
    d.putAndInsertFloat64(DCM_AcquisitionDuration,
                          study.request.t_seconds[study.request.n_phases - 1] + 60);
    set(d, DCM_ContentQualification, "RESEARCH");
    set(d, DCM_ResonantNucleus, "1H");
    set(d, DCM_KSpaceFiltering, "NONE");
    d.putAndInsertFloat64(DCM_MagneticFieldStrength, 1.5);
    set(d, DCM_ApplicableSafetyStandardAgency, "IEC");
    set(d, DCM_ApplicableSafetyStandardDescription, "none: a computed image");
    set(d, DCM_BurnedInAnnotation, "NO");
    set(d, DCM_RecognizableVisualFeatures, "NO");
    set(d, DCM_LossyImageCompression, "00");
    set(d, DCM_PresentationLUTShape, "IDENTITY");
    set(d, DCM_AcquisitionProtocolName, "DKM phantom");
    set(d, DCM_PulseSequenceName, "SPGR");
    set(d, DCM_MRAcquisitionType, "3D");
    set(d, DCM_EchoPulseSequence, "GRADIENT");
    set(d, DCM_MultiPlanarExcitation, "NO");
    set(d, DCM_PhaseContrast, "NO");
    set(d, DCM_TimeOfFlightContrast, "NO");
    set(d, DCM_SteadyStatePulseSequence, "NONE");
    set(d, DCM_EchoPlanarPulseSequence, "NO");
    set(d, DCM_SaturationRecovery, "NO");
    set(d, DCM_SpectrallySelectedSuppression, "FAT");
    set(d, DCM_OversamplingPhase, "NONE");
    set(d, DCM_GeometryOfKSpaceTraversal, "RECTILINEAR");
    set(d, DCM_RectilinearPhaseEncodeReordering, "LINEAR");
    set(d, DCM_SegmentedKSpaceTraversal, "SINGLE");
    set(d, DCM_CoverageOfKSpace, "FULL");
    set(d, DCM_NumberOfKSpaceTrajectories, static_cast<Uint16>(1));
    d.insertEmptyElement(DCM_AcquisitionContextSequence);
}

void dimensions(const MrStudy &study, DcmItem &d)
{
    const std::string uid = study.uid("dimensions");
    static const DcmTagKey pointers[] = {DCM_TemporalPositionIndex, DCM_InStackPositionNumber};
    set(add_item(d, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, uid.c_str());
    set(d, DCM_DimensionOrganizationType, "3D_TEMPORAL");
    for (const DcmTagKey &pointer : pointers) {
        DcmItem &item = add_item(d, DCM_DimensionIndexSequence);
        set(item, DCM_DimensionOrganizationUID, uid.c_str());
        item.putAndInsertTagKey(DCM_DimensionIndexPointer, pointer);
        item.putAndInsertTagKey(DCM_FunctionalGroupPointer, DCM_FrameContentSequence);
    }
}

void timing_group(DcmItem &shared)
{
    DcmItem &item = add_item(shared, DCM_MRTimingAndRelatedParametersSequence);
    set_reals(item, DCM_RepetitionTime, &MrProtocol::repetition_ms, 1);
    set_reals(item, DCM_FlipAngle, &MrProtocol::flip_deg, 1);
    set(item, DCM_EchoTrainLength, "1");
    set(item, DCM_RFEchoTrainLength, static_cast<Uint16>(0));
    set(item, DCM_GradientEchoTrainLength, static_cast<Uint16>(1));
    DcmItem &absorbed = add_item(item, DCM_SpecificAbsorptionRateSequence);
    set(absorbed, DCM_SpecificAbsorptionRateDefinition, "IEC_WHOLE_BODY");
    absorbed.putAndInsertFloat64(DCM_SpecificAbsorptionRateValue, 0);
    set(item, DCM_GradientOutputType, "DB_DT");
    item.putAndInsertFloat64(DCM_GradientOutput, 0);
    DcmItem &mode = add_item(item, DCM_OperatingModeSequence);
    set(mode, DCM_OperatingModeType, "STATIC FIELD");
    set(mode, DCM_OperatingMode, "IEC_NORMAL");
}

void geometry_group(const MrStudy &study, DcmItem &shared)
{
    DcmItem &item = add_item(shared, DCM_MRFOVGeometrySequence);
    set(item, DCM_InPlanePhaseEncodingDirection, "ROW");
    set(item, DCM_MRAcquisitionFrequencyEncodingSteps, static_cast<Uint16>(study.grid.n[1]));
    set(item, DCM_MRAcquisitionPhaseEncodingStepsInPlane, static_cast<Uint16>(study.grid.n[2]));
    set(item, DCM_MRAcquisitionPhaseEncodingStepsOutOfPlane, static_cast<Uint16>(study.grid.n[0]));
    set(item, DCM_PercentSampling, "100");
    set(item, DCM_PercentPhaseFieldOfView, "100");
}

void modifier_groups(DcmItem &shared)
{
    DcmItem &modifier = add_item(shared, DCM_MRModifierSequence);
    set(modifier, DCM_InversionRecovery, "NO");
    set(modifier, DCM_FlowCompensation, "NONE");
    set(modifier, DCM_Spoiling, "RF");
    set(modifier, DCM_T2Preparation, "NO");
    set(modifier, DCM_SpectrallySelectedExcitation, "NONE");
    set(modifier, DCM_SpatialPresaturation, "NONE");
    set(modifier, DCM_PartialFourier, "NO");
    set(modifier, DCM_ParallelAcquisition, "NO");
    DcmItem &imaging = add_item(shared, DCM_MRImagingModifierSequence);
    set(imaging, DCM_MagnetizationTransfer, "NONE");
    set(imaging, DCM_BloodSignalNulling, "NO");
    set(imaging, DCM_Tagging, "NONE");
    imaging.putAndInsertFloat64(DCM_TransmitterFrequency, 63.87);
    imaging.putAndInsertFloat64(DCM_PixelBandwidth, 488);
}

void coil_groups(DcmItem &shared)
{
    DcmItem &receive = add_item(shared, DCM_MRReceiveCoilSequence);
    set(receive, DCM_ReceiveCoilName, "BREAST");
    set(receive, DCM_ReceiveCoilManufacturerName, "");
    set(receive, DCM_ReceiveCoilType, "SURFACE");
    set(receive, DCM_QuadratureReceiveCoil, "NO");
    DcmItem &transmit = add_item(shared, DCM_MRTransmitCoilSequence);
    set(transmit, DCM_TransmitCoilName, "BODY");
    set(transmit, DCM_TransmitCoilManufacturerName, "");
    set(transmit, DCM_TransmitCoilType, "BODY");
}

void shared_groups(const MrStudy &study, const MrObject &object, DcmItem &d)
{
    static const Code breast = {"76752008", "SCT", "Breast"};
    DcmItem &shared = add_item(d, DCM_SharedFunctionalGroupsSequence);
    study.measures(add_item(shared, DCM_PixelMeasuresSequence));
    if (!study.has("mixed"))
        study.orientation(add_item(shared, DCM_PlaneOrientationSequence), object.places[0]);
    DcmItem &anatomy = add_item(shared, DCM_FrameAnatomySequence);
    set(anatomy, DCM_FrameLaterality, "U");
    set_code(anatomy, DCM_AnatomicRegionSequence, breast);
    DcmItem &type = add_item(shared, DCM_MRImageFrameTypeSequence);
    set(type, DCM_FrameType, image_type(object).c_str());
    set(type, DCM_PixelPresentation, "MONOCHROME");
    set(type, DCM_VolumetricProperties, "VOLUME");
    set(type, DCM_VolumeBasedCalculationTechnique, "NONE");
    set(type, DCM_ComplexImageComponent, "MAGNITUDE");
    set(type, DCM_AcquisitionContrast, "T1");
    timing_group(shared);
    geometry_group(study, shared);
    add_item(shared, DCM_MREchoSequence)
        .putAndInsertFloat64(DCM_EffectiveEchoTime, MrProtocol::echo_ms);
    modifier_groups(shared);
    coil_groups(shared);
    set(add_item(shared, DCM_MRAveragesSequence), DCM_NumberOfAverages, "1");
}

void frame_groups(const MrStudy &study, const MrPlace &place, DcmItem &d)
{
    const guint phase = place.phase;
    const int slice = place.slice;
    const Uint32 index[2] = {phase + 1, static_cast<Uint32>(slice) + 1};
    const std::string when = study.date + study.clock(phase);
    const DkmVolume *volume = study.request.volumes[phase];
    const double slope = static_cast<double>(dkm_volume_slope(volume, slice));
    const double intercept = static_cast<double>(dkm_volume_intercept(volume, slice));
    DcmItem &groups = add_item(d, DCM_PerFrameFunctionalGroupsSequence);
    DcmItem &content = add_item(groups, DCM_FrameContentSequence);
    set(content, DCM_StackID, "1");
    content.putAndInsertUint32(DCM_InStackPositionNumber, index[1]);
    content.putAndInsertUint32(DCM_TemporalPositionIndex, index[0]);
    content.putAndInsertUint32Array(DCM_DimensionIndexValues, index, 2);
    set(content, DCM_FrameAcquisitionNumber, static_cast<Uint16>(phase + 1));
    set(content, DCM_FrameReferenceDateTime, when.c_str());
    set(content, DCM_FrameAcquisitionDateTime, when.c_str());
    content.putAndInsertFloat64(DCM_FrameAcquisitionDuration, 60000);
    study.position(add_item(groups, DCM_PlanePositionSequence), place);
    if (study.has("mixed"))
        study.orientation(add_item(groups, DCM_PlaneOrientationSequence), place);
    DcmItem &values = add_item(groups, DCM_PixelValueTransformationSequence);
    set_reals(values, DCM_RescaleSlope, &slope, 1);
    set_reals(values, DCM_RescaleIntercept, &intercept, 1);
    set(values, DCM_RescaleType, "US");
}

void pixels(const MrStudy &study, const MrObject &object, DcmItem &d)
{
    std::vector<guint16> all;
    for (const MrPlace &place : object.places) {
        const std::vector<guint16> samples = mr_samples(study, place);
        all.insert(all.end(), samples.begin(), samples.end());
    }
    put_pixels(d, all.data(), all.size());
}

} // namespace

void fill_enhanced(const MrStudy &study, const MrObject &object, DcmDataset &d)
{
    identity(study, object, d);
    enhanced_image(study, object, d);
    dimensions(study, d);
    study.image_pixel(d);
    set_number(d, DCM_NumberOfFrames, static_cast<long>(object.places.size()));
    shared_groups(study, object, d);
    for (const MrPlace &place : object.places)
        frame_groups(study, place, d);
    pixels(study, object, d);
}

} // namespace dkm
