"use strict";
(function () {
  const board = document.getElementById("board");
  let revision = "";
  let dragged = null;

  const count = (id, number) => { document.getElementById(id).textContent = number || ""; };

  async function refresh() {
    if (dragged) { return; }
    let answer;
    try { answer = await fetch(board.dataset.url); } catch { return; }
    if (!answer.ok) { return; }
    const said = await answer.json();
    count("count-tasks", said.tasks);
    count("count-notes", said.notes);
    count("count-processes", said.processes);
    if (!dragged && said.revision !== revision) {
      revision = said.revision;
      const left = board.scrollLeft;
      board.innerHTML = said.html;
      board.scrollLeft = left;
    }
  }

  async function move(card, stage) {
    const form = new URLSearchParams({stage: stage});
    try { await fetch(card.dataset.move, {method: "POST", body: form}); } catch { /* the board below tells */ }
    revision = "";
    await refresh();
  }

  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".deal");
    if (dragged) { event.dataTransfer.setData("text/plain", dragged.dataset.deal); }
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    board.querySelectorAll(".over").forEach((column) => column.classList.remove("over"));
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest(".column");
    if (!dragged || !column) { return; }
    event.preventDefault();
    board.querySelectorAll(".over").forEach((other) => { if (other !== column) { other.classList.remove("over"); } });
    column.classList.add("over");
  });
  board.addEventListener("drop", (event) => {
    const column = event.target.closest(".column");
    const card = dragged;
    dragged = null;
    if (!column || !card) { return; }
    event.preventDefault();
    column.appendChild(card);
    move(card, column.dataset.stage);
  });

  setInterval(refresh, 1000);
  refresh();
}());
