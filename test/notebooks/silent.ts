/** Stands for the displays that cells show, in a test without a notebook. */
class Nothing {
  update(): void {}
  async finish(): Promise<void> {}
}
const show = async (): Promise<void> => {};

export const SILENT = {
  LiveFigure: Nothing,
  LivePicture: Nothing,
  LiveProgress: Nothing,
  showDiagram: show,
  showFigure: show,
  showGif: show,
  showPanels: show,
  showTable: show,
};
